import type { EventEmitter } from 'node:events'

/** What this boundary uses of the internals of pg 8; its types describe the public face only. */
export interface Client extends EventEmitter {
  readonly connection: Connection
  readonly database?: string
  readonly pipeline?: boolean
  ssl: unknown
  readonly _connecting?: boolean
  readonly _connected?: boolean
  /** Up to 8.16 without the underscore. */
  readonly _queryQueue?: Submittable[]
  readonly queryQueue?: Submittable[]
  _connect(callback: ConnectCallback | undefined): void
  _pulseQueryQueue(): void
  _handleReadyForQuery(message: { readonly status?: string }): void
  _handleNotice(message: Notice): void
}

export type ConnectCallback = (this: unknown, error?: unknown, ...rest: unknown[]) => void

export interface Connection extends EventEmitter {
  stream: unknown
  ssl: unknown
  /** Text of the statements that the server knows, by name. */
  readonly parsedStatements: Readonly<Record<string, string>>
}

/** What a client can queue: a query, a cursor, a COPY stream. */
export interface Submittable {
  readonly text?: unknown
  handleError(error: unknown, connection: Connection): void
}

export interface Query extends Submittable, EventEmitter {
  readonly name?: string
  readonly values?: readonly unknown[]
  readonly rows?: number
  readonly binary?: boolean
  readonly _rowMode?: string
  submit(connection: Connection): Error | null
  prepare(connection: unknown): void
  requiresPreparation(): boolean
  handleRowDescription(message: { readonly fields: readonly Field[] }): void
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void
  handleCommandComplete(message: { readonly text: string }, connection: Connection): void
  handleEmptyQuery(connection: Connection): void
  handleReadyForQuery(connection: Connection): void
}

export interface Pool {
  connect(callback?: (...args: unknown[]) => void): unknown
}

export interface Field {
  readonly name: string
  readonly tableID: number
  readonly columnID: number
  readonly dataTypeID: number
  readonly dataTypeSize: number
  readonly dataTypeModifier: number
  readonly format: string
}

/** The fields of ErrorResponse and NoticeResponse under the names that pg gives them. */
export type Notice = { readonly message?: string; readonly length?: number } & Readonly<Record<string, unknown>>

/** Serialises a parameter as the driver would: text, bytes or null. */
export type ValueMapper = (value: unknown) => unknown

/** Learns the driver's own serialiser, which it does not export, from what it hands to `connection.bind`. */
export function learnMapper(query: Query): ValueMapper {
  let mapper: ValueMapper = value => value
  const nothing = () => {}
  const probe = {
    parsedStatements: {},
    submittedNamedStatements: {},
    parse: nothing,
    describe: nothing,
    execute: nothing,
    flush: nothing,
    sync: nothing,
    close: nothing,
    bind(config: { readonly valueMapper?: ValueMapper }) {
      if (config.valueMapper) mapper = config.valueMapper
    },
  }
  query.prepare.call(Object.assign(Object.create(query), { text: '', name: '', values: [], rows: 0 }), probe)
  return mapper
}
