import type { Effect, EncodedBody, Entry, Json, JsonObject, Outcome } from 'flux-fixtures'
import { type SqlAnswer, sqlAnswers } from './extend-sql.ts'

/** An answer with the structure of a real one and none of its values. */
export interface Blank {
  readonly outcome: Outcome & { readonly status: 'returned' }
  /** `nothing`: there is no value in it. `count`: rows that were changed, or no body. `values`: what came back. */
  readonly holds: 'nothing' | 'count' | 'values'
}

interface Field extends JsonObject {
  readonly name: string
  readonly dataTypeID: number
}

interface SqlResult {
  readonly command: string | null
  readonly fields: readonly Field[] | null
  readonly rows: readonly (readonly Json[])[]
}

/** `unknown`, the type of a value that Postgres has not typed. */
const UNKNOWN = 705
const RANK = ['nothing', 'count', 'values'] as const

/**
 * The blank for a call that nothing answers.
 * @param like an answered call of the same kind and target: its structure is taken, never its values
 * @param inTransaction whether a transaction is open on its connection
 */
export function blankOf(effect: Effect, like: Entry | undefined, inTransaction: boolean): Blank {
  const given = like?.outcome.status === 'returned' ? (like.outcome.value as Json) : undefined
  if (effect.kind === 'postgres') return sqlBlank(effect, like, given, inTransaction)
  if (effect.kind === 'http') return httpBlank(given)
  return { outcome: { status: 'returned', value: given === undefined ? null : zero(given) }, holds: 'values' }
}

function sqlBlank(effect: Effect, like: Entry | undefined, given: Json | undefined, inTransaction: boolean): Blank {
  const text = (effect.request as { readonly text?: unknown }).text
  const answers = typeof text === 'string' ? sqlAnswers(text) : []
  const known = (given as { readonly results?: readonly SqlResult[] } | null | undefined)?.results
  const sameText = (like?.effect.request as { readonly text?: unknown } | undefined)?.text === text
  const results = answers.map((answer, index) => sqlResult(answer, known?.[index], sameText))
  const holds = answers.map(({ gives }) => (gives === 'control' ? 0 : gives === 'count' ? 1 : 2))
  return {
    outcome: { status: 'returned', value: { results, status: statusAfter(answers, inTransaction) } },
    holds: RANK[Math.max(0, ...holds)] as Blank['holds'],
  }
}

/** Whether a transaction is open once these statements went well. */
export function statusAfter(answers: readonly SqlAnswer[], inTransaction: boolean): 'I' | 'T' {
  let open = inTransaction
  for (const { verb } of answers) {
    if (verb === 'BEGIN' || verb === 'START') open = true
    else if (verb === 'COMMIT' || verb === 'END' || verb === 'ABORT' || verb === 'ROLLBACK') open = false
  }
  return open ? 'T' : 'I'
}

const TAGS: Readonly<Record<string, string>> = {
  START: 'START TRANSACTION',
  END: 'COMMIT',
  ABORT: 'ROLLBACK',
  LOCK: 'LOCK TABLE',
}

function sqlResult(answer: SqlAnswer, known: SqlResult | undefined, sameText: boolean): SqlResult {
  const { verb, gives, count } = answer
  if (gives === 'control') return { command: TAGS[verb] ?? verb, fields: null, rows: [] }
  if (gives === 'count') return { command: tagOf(verb, count), fields: null, rows: [] }
  const fields = fieldsOf(answer, known?.fields ?? [], sameText)
  const empty = sameText && known !== undefined && known.rows.length === 0
  const rows = empty ? [] : [fields.map(zeroCell)]
  return { command: tagOf(verb, rows.length), fields, rows }
}

/** The columns of the example; of another text on the same tables, columns of the same name have its types. */
function fieldsOf({ columns }: SqlAnswer, known: readonly Field[], sameText: boolean): readonly Field[] {
  if (sameText || columns.length === 0) return known
  return columns.map(name => known.find(field => field.name === name) ?? unknownField(name))
}

const COUNTED = new Set(['SELECT', 'UPDATE', 'DELETE', 'MERGE', 'COPY', 'FETCH'])

function tagOf(verb: string, count: number): string {
  if (verb === 'INSERT') return `INSERT 0 ${count}`
  if (verb === 'VALUES' || verb === 'TABLE') return `SELECT ${count}`
  return COUNTED.has(verb) ? `${verb} ${count}` : verb
}

function unknownField(name: string): Field {
  const place = { tableID: 0, columnID: 0, dataTypeID: UNKNOWN, dataTypeSize: -2, dataTypeModifier: -1 }
  return { name, ...place, format: 'text' }
}

/** Zero in the text form of a type, by its OID: `pg_type.dat` of Postgres. What is not listed is null. */
const ZEROS = new Map<number, string>([
  [16, 'f'],
  ...[20, 21, 23, 26, 700, 701, 1700].map((oid): [number, string] => [oid, '0']),
  ...[18, 19, 25, 1042, 1043].map((oid): [number, string] => [oid, '']),
  ...[114, 3802].map((oid): [number, string] => [oid, '{}']),
  ...[1000, 1005, 1007, 1009, 1015, 1016, 1021, 1022, 1231, 2951].map((oid): [number, string] => [oid, '{}']),
  [1082, '1970-01-01'],
  [1114, '1970-01-01 00:00:00'],
  [1184, '1970-01-01 00:00:00+00'],
  [2950, '00000000-0000-0000-0000-000000000000'],
])

function zeroCell({ dataTypeID }: Field): string | null {
  return ZEROS.get(dataTypeID) ?? null
}

function httpBlank(given: Json | undefined): Blank {
  const known = (given ?? {}) as { readonly status?: number; readonly statusText?: string; readonly body?: EncodedBody }
  const { status = 200, statusText = 'OK', body } = known
  const bare = body !== undefined && body.json === undefined && body.text === undefined && body.base64 === undefined
  const type = bare ? undefined : (body?.type ?? 'application/json')
  const content = bare ? {} : contentOf(body)
  const value = {
    status,
    statusText,
    httpVersion: '1.1',
    headers: type === undefined ? [] : [['content-type', type]],
    body: { $flux: 'Body', ...(type !== undefined && { type }), bytes: bytesOf(content), ...content },
  }
  return { outcome: { status: 'returned', value }, holds: bare ? 'count' : 'values' }
}

function contentOf(body: EncodedBody | undefined): Pick<EncodedBody, 'json' | 'text' | 'base64'> {
  if (body?.text !== undefined) return { text: '' }
  if (body?.base64 !== undefined) return { base64: '' }
  return { json: body?.json === undefined ? {} : zero(body.json) }
}

function bytesOf({ json }: Pick<EncodedBody, 'json'>): number {
  return json === undefined ? 0 : Buffer.byteLength(JSON.stringify(json))
}

/** The shape of an encoded value: zeros of its types; of an array, one item. */
function zero(value: Json): Json {
  if (value === null) return null
  if (Array.isArray(value)) return value.length > 0 ? [zero(value[0] as Json)] : []
  if (typeof value === 'object') {
    if (value.$flux !== undefined) return null
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, zero(inner)]))
  }
  return typeof value === 'string' ? '' : typeof value === 'number' ? 0 : false
}
