/** What one SQL statement gives back when it goes well, as far as its text tells. */
export interface SqlAnswer {
  /** First word, in capitals. */
  readonly verb: string
  /** `control`: there is no data in it. `count`: rows were changed. `rows`: rows come back. */
  readonly gives: 'control' | 'count' | 'rows'
  /** For `rows`: names of the columns, where the text lists them. */
  readonly columns: readonly string[]
  /** For `count` and `rows` of an INSERT: rows of its VALUES, else 1. */
  readonly count: number
}

const TOKEN =
  /(--[^\n]*|\/\*[\s\S]*?\*\/|\s+)|("(?:[^"]|"")*")|(?:[eE])?'(?:[^'\\]|\\[\s\S]|'')*'|\$(\w*)\$[\s\S]*?\$\3\$|([\p{L}_][\p{L}\p{N}_$]*)|[\s\S]/gu
const CONTROL = new Set(
  'BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE SET RESET DISCARD LISTEN UNLISTEN NOTIFY DEALLOCATE LOCK'.split(
    ' ',
  ),
)
const COUNTED = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY'])
/** Rows come back, of columns that the text does not list. */
const ROWS = new Set(['VALUES', 'TABLE', 'SHOW', 'FETCH', 'EXECUTE', 'EXPLAIN', 'CALL'])
const AFTER_LIST = new Set(
  'FROM WHERE GROUP ORDER LIMIT UNION INTO HAVING WINDOW OFFSET FETCH FOR EXCEPT INTERSECT'.split(' '),
)

interface Token {
  readonly text: string
  /** A bare word in capitals, `''` for anything else. */
  readonly word: string
  /** Brackets around it. */
  readonly depth: number
}

/** Reads the statements of an SQL text. Literals and comments are never taken for words. */
export function sqlAnswers(text: string): SqlAnswer[] {
  return statements(tokens(text)).map(answerOf)
}

function tokens(text: string): Token[] {
  const found: Token[] = []
  let depth = 0
  for (const [token, blank, , , word] of text.matchAll(TOKEN)) {
    if (blank !== undefined) continue
    if (token === ')' || token === ']') depth--
    found.push({ text: token, word: word?.toUpperCase() ?? '', depth })
    if (token === '(' || token === '[') depth++
  }
  return found
}

function statements(all: readonly Token[]): Token[][] {
  const found: Token[][] = [[]]
  for (const token of all) {
    if (token.text === ';' && token.depth === 0) found.push([])
    else found.at(-1)?.push(token)
  }
  return found.filter(tokens => tokens.length > 0)
}

function answerOf(statement: readonly Token[]): SqlAnswer {
  const top = statement.filter(({ depth }) => depth === 0)
  const first = top.find(({ word }) => word !== '')?.word ?? ''
  // Behind the common table expressions of a WITH stands the statement that answers.
  const verb =
    first === 'WITH' ? (top.find(({ word }) => word === 'SELECT' || COUNTED.has(word))?.word ?? 'SELECT') : first
  if (CONTROL.has(verb)) return { verb, gives: 'control', columns: [], count: 0 }
  const returning = statement.findIndex(({ word, depth }) => word === 'RETURNING' && depth === 0)
  const count = verb === 'INSERT' ? insertedRows(statement) : 1
  if (COUNTED.has(verb)) {
    if (returning < 0) return { verb, gives: 'count', columns: [], count }
    return { verb, gives: 'rows', columns: columnsFrom(statement.slice(returning + 1)), count }
  }
  if (ROWS.has(verb)) return { verb, gives: 'rows', columns: [], count: 1 }
  if (verb !== 'SELECT') return { verb, gives: 'count', columns: [], count: 1 }
  const select = statement.findIndex(({ word, depth }) => word === 'SELECT' && depth === 0)
  return { verb, gives: 'rows', columns: columnsFrom(statement.slice(select + 1)), count: 1 }
}

/** Rows of the VALUES of an INSERT; 1 where they come from elsewhere. */
function insertedRows(statement: readonly Token[]): number {
  const values = statement.findIndex(({ word, depth }) => word === 'VALUES' && depth === 0)
  if (values < 0) return 1
  let rows = 0
  for (const { text, word, depth } of statement.slice(values + 1)) {
    if (depth !== 0) continue
    if (word !== '') break
    if (text === '(') rows++
  }
  return Math.max(1, rows)
}

/** Names of a select list; none where an item has no name that the text tells. */
function columnsFrom(list: readonly Token[]): string[] {
  const end = list.findIndex(({ word, depth }) => depth === 0 && AFTER_LIST.has(word))
  const items: Token[][] = [[]]
  for (const token of end < 0 ? list : list.slice(0, end)) {
    if (token.text === ',' && token.depth === 0) items.push([])
    else if (token.depth === 0 || items.at(-1)?.length === 0) items.at(-1)?.push(token)
  }
  const first = items[0]?.[0]
  if (first?.word === 'DISTINCT' || first?.word === 'ALL') items[0]?.shift()
  const names = items.map(nameOf)
  return names.every(name => name !== undefined) ? (names as string[]) : []
}

/** `… AS name`, `… "name"`, `table.name`, `function(…)`, `value::type`, as Postgres names a column; else no telling. */
function nameOf(item: readonly Token[]): string | undefined {
  const last = item.at(-1)
  if (item.at(-2)?.word === 'AS') return plainName(last)
  const form = item.map(formOf).join('')
  if (/[w)l]w$/.test(form) && last?.word !== 'END') return plainName(last)
  if (item[0]?.word === 'CASE') return 'case'
  const bare = form.replace(/::.*$/, '')
  if (/^(?:w\.)*w$/.test(bare)) return plainName(item[bare.length - 1])
  if (/^(?:w\.)*w\(\)$/.test(bare)) return plainName(item[bare.length - 3])
  return /^l+$/.test(bare) ? '?column?' : undefined
}

/** `w` a word, `l` a literal, an operator as `o`. */
function formOf({ text, word }: Token): string {
  if (word !== '' || text.startsWith('"')) return 'w'
  if (text.length > 1 || /\d/.test(text)) return 'l'
  return '().:'.includes(text) ? text : 'o'
}

function plainName(token: Token | undefined): string | undefined {
  if (token === undefined) return undefined
  if (token.text.startsWith('"')) return token.text.slice(1, -1).replaceAll('""', '"')
  return token.word === '' ? undefined : token.text.toLowerCase()
}
