/** One statement of an SQL text, without comments and with `?` for every literal. */
export interface Statement {
  readonly text: string
  /** Its first word in capitals; `''` when there is none. */
  readonly verb: string
}

const TOKEN = new RegExp(
  [
    /(?<comment>--[^\n]*|\/\*[\s\S]*?\*\/)/,
    /(?<literal>[eE]'(?:[^'\\]|\\[\s\S]|'')*'|(?:[nNbBxX]|[uU]&)?'(?:[^']|'')*'|\$(?<tag>(?:[A-Za-z_]\w*)?)\$[\s\S]*?\$\k<tag>\$)/u,
    /(?<word>"(?:[^"]|"")*"|\$\d+|[\p{L}_][\p{L}\p{N}_$]*)/u,
    /(?<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)/,
    /(?<space>\s+)/,
    /(?<end>;)/,
    /[\s\S]/,
  ]
    .map(part => part.source)
    .join('|'),
  'gu',
)

const REMEMBERED = 500
const REMEMBERED_CHARS = 4096
const remembered = new Map<string, readonly Statement[]>()

/** The statements of a text. Those of short texts are remembered: a program asks the same few over and over. */
export function statements(text: string): readonly Statement[] {
  const known = remembered.get(text)
  if (known) return known
  const found = split(text)
  if (text.length <= REMEMBERED_CHARS) {
    if (remembered.size >= REMEMBERED) remembered.clear()
    remembered.set(text, found)
  }
  return found
}

function split(text: string): Statement[] {
  const found: Statement[] = []
  let current = ''
  const close = () => {
    const trimmed = current.replace(/\s+/g, ' ').trim()
    if (trimmed !== '') found.push({ text: trimmed, verb: (/[A-Za-z]+/.exec(trimmed)?.[0] ?? '').toUpperCase() })
    current = ''
  }
  for (const { 0: token, groups } of text.matchAll(TOKEN)) {
    if (groups?.end) close()
    else if (groups?.comment || groups?.space) current += ' '
    else current += groups?.literal || groups?.number ? '?' : token
  }
  close()
  return found
}

const READS = new Set(
  `SELECT VALUES TABLE SHOW SET RESET DISCARD BEGIN START ROLLBACK ABORT SAVEPOINT RELEASE DECLARE FETCH MOVE CLOSE LISTEN
  UNLISTEN DEALLOCATE`.split(/\s+/),
)

/** Whether a statement changes data, as far as its words tell; what a called function does is not among them. */
export function writes({ text, verb }: Statement): boolean {
  if (verb === 'EXPLAIN' && !/\bANALYZE\b/i.test(text)) return false
  if (verb === 'WITH' || verb === 'EXPLAIN') {
    return /\b(?:INSERT|UPDATE|DELETE|MERGE)\b/i.test(text.replace(/\bFOR\s+(?:NO KEY\s+)?UPDATE\b/gi, ''))
  }
  if (verb === 'SELECT') return /\bINTO\b/i.test(text)
  return !READS.has(verb)
}

/** What a statement does to the transaction of its connection. */
export function stepOf({ text, verb }: Statement): 'open' | 'commit' | 'rollback' | undefined {
  switch (verb) {
    case 'BEGIN':
    case 'START':
      return 'open'
    case 'COMMIT':
    case 'END':
      return /\bPREPARED\b/i.test(text) ? undefined : 'commit'
    case 'ROLLBACK':
      return /\b(?:TO|PREPARED)\b/i.test(text) ? undefined : 'rollback'
    case 'ABORT':
      return 'rollback'
    default:
      return undefined
  }
}

/** Whether the end of a transaction opens the next. */
export function chains({ text }: Statement): boolean {
  return /\bAND CHAIN\b/i.test(text)
}

const TABLE =
  /\b(FROM|JOIN|INTO|UPDATE)\s+(?:ONLY\s+)?((?:"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*)(?:\.(?:"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*))?)/giu
const SUMMARY_CHARS = 60

/** A statement in a few words: `INSERT INTO orders`, `SELECT FROM carts, items`. Holds no literal. */
export function summary(all: readonly Statement[]): string {
  const text = all.map(words).join('; ') || '(empty)'
  return text.length > SUMMARY_CHARS ? `${text.slice(0, SUMMARY_CHARS - 1)}…` : text
}

const described = new WeakMap<readonly Statement[], { readonly summary: string; readonly writes: boolean }>()

/** What {@link summary} and {@link writes} say of statements; remembered as long as these are. */
export function describe(all: readonly Statement[]): { readonly summary: string; readonly writes: boolean } {
  const known = described.get(all)
  if (known) return known
  const description = { summary: summary(all), writes: all.some(writes) }
  described.set(all, description)
  return description
}

function start(text: string): string {
  return text.split(' ', 4).join(' ').replace(/[,(]$/, '')
}

function words({ text, verb }: Statement): string {
  const named = [...text.matchAll(TABLE)].map(([, keyword = '', table = '']) => ({
    keyword: keyword.toUpperCase(),
    table,
  }))
  const first = named[0]
  if (!first) return start(text)
  if (verb === 'INSERT' || verb === 'DELETE') return `${verb} ${first.keyword} ${first.table}`
  if (verb === 'UPDATE') return `UPDATE ${first.table}`
  if (verb !== 'SELECT' && verb !== 'WITH') return start(text)
  return `${verb} FROM ${[...new Set(named.map(({ table }) => table))].join(', ')}`
}
