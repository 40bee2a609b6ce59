import type { Effect } from 'flux-fixtures'
import type { Query, ValueMapper } from './driver.ts'
import { describe, type Statement } from './sql.ts'

/** What is compared of a query. `values` as they go over the wire: text, bytes or null. */
export interface QueryRequest {
  readonly text: string
  readonly name?: string
  readonly values?: readonly (string | Uint8Array | null)[]
}

/** The effect of a query, with its parameters as they are now. Throws what the driver's own serialiser throws. */
export function queryEffect(
  query: Query,
  text: string,
  all: readonly Statement[],
  database: string | undefined,
  map: ValueMapper,
): Effect {
  const values = Array.isArray(query.values) ? query.values : []
  const request: QueryRequest = {
    text,
    ...(query.name && { name: query.name }),
    ...(values.length > 0 && { values: values.map(value => wired(map(value))) }),
  }
  const { summary, writes } = describe(all)
  return {
    boundary: 'pg',
    kind: 'postgres',
    operation: 'query',
    target: `${database ?? 'postgres'}: ${summary}`,
    request,
    detail: {
      database,
      ...(query._rowMode !== undefined && { rowMode: query._rowMode }),
      ...(query.binary && { binary: true }),
      ...(query.rows && { rows: query.rows }),
    },
    write: writes,
  }
}

/** A parameter as it is now: the program may change its bytes later. */
function wired(mapped: unknown): string | Uint8Array | null {
  if (mapped === null || mapped === undefined) return null
  return ArrayBuffer.isView(mapped)
    ? Buffer.from(Buffer.from(mapped.buffer, mapped.byteOffset, mapped.byteLength))
    : String(mapped)
}

/** The effect of opening a connection. */
export function connectEffect(database: string | undefined): Effect {
  return {
    boundary: 'pg',
    kind: 'postgres',
    operation: 'connect',
    target: `${database ?? 'postgres'}: connect`,
    request: { database },
    write: false,
  }
}

/** The effect of what this boundary cannot record: a cursor, a COPY stream. */
export function foreignEffect(name: string, text: unknown, database: string | undefined): Effect {
  return {
    boundary: 'pg',
    kind: 'postgres',
    operation: 'submit',
    target: `${database ?? 'postgres'}: ${name}`,
    request: { submittable: name, ...(typeof text === 'string' && { text }) },
    write: true,
  }
}
