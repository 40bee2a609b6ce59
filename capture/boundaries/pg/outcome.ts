import type { Outcome } from 'flux-fixtures'
import type { Field, Notice } from './driver.ts'
import { type Statement, stepOf } from './sql.ts'

/** Transaction status of a connection: idle, in a transaction, in a failed one. */
export type Status = 'I' | 'T' | 'E'

/** What one statement gave. */
export interface StatementResult {
  /** The command tag, `INSERT 0 1`; `''` for an empty statement, null when an error came first. */
  command: string | null
  /** Null for a statement that returns no rows. */
  readonly fields: readonly Field[] | null
  readonly rows: (readonly (string | Uint8Array | null)[])[]
}

/** The outcome of a query, below the decoder of the driver. */
export interface QueryValue {
  readonly results: readonly StatementResult[]
  readonly notices?: readonly Notice[]
  /** After the query. */
  readonly status: Status
  /** False when the server did not accept a named statement. */
  readonly parsed?: false
}

/** Gathers the outcome of one query as the driver hears it. */
export class Gathering {
  readonly results: StatementResult[] = []
  readonly #notices: Notice[] = []
  #current: StatementResult | undefined

  described(fields: readonly Field[]): void {
    this.#begin(fields.map(field => ({ ...field })))
  }

  row(columns: readonly (string | null)[]): void {
    const result = this.#current ?? this.#begin(null)
    result.rows.push(columns)
  }

  completed(command: string): void {
    const result = this.#current ?? this.#begin(null)
    result.command = command
    this.#current = undefined
  }

  noticed(notice: Notice): void {
    this.#notices.push({ ...notice, message: String(notice.message) })
  }

  value(status: Status, parsed?: false): QueryValue {
    return {
      results: this.results,
      ...(this.#notices.length > 0 && { notices: this.#notices }),
      status,
      ...(parsed === false && { parsed }),
    }
  }

  #begin(fields: readonly Field[] | null): StatementResult {
    this.#current = { command: null, fields, rows: [] }
    this.results.push(this.#current)
    return this.#current
  }

  /** The status after an error, which is delivered before the server tells: statements that came through decide. */
  statusAfterError(before: Status, all: readonly Statement[]): Status {
    let status = before
    const through = this.results.filter(({ command }) => command !== null)
    for (const { command } of through) {
      if (/^(?:BEGIN|START)/.test(command ?? '')) status = 'T'
      else if (/^(?:COMMIT|ROLLBACK)/.test(command ?? '')) status = 'I'
    }
    const failed = all[through.length]
    return status === 'I' || (failed && stepOf(failed) === 'commit') ? 'I' : 'E'
  }
}

const TAGS: Readonly<Record<string, string>> = {
  INSERT: 'INSERT 0 0',
  START: 'START TRANSACTION',
  END: 'COMMIT',
  ABORT: 'ROLLBACK',
  WITH: 'SELECT 0',
  VALUES: 'SELECT 0',
  TABLE: 'SELECT 0',
}
const COUNTED = new Set(['SELECT', 'UPDATE', 'DELETE', 'MERGE', 'COPY', 'FETCH', 'MOVE'])

/** An empty answer: no rows, nothing changed. */
export function blank(all: readonly Statement[], inTransaction: boolean): Outcome & { status: 'returned' } {
  const results = all.map((statement): StatementResult => {
    const { verb } = statement
    const command = TAGS[verb] ?? (COUNTED.has(verb) ? `${verb} 0` : verb)
    return { command, fields: command.startsWith('SELECT') ? [] : null, rows: [] }
  })
  if (results.length === 0) results.push({ command: '', fields: null, rows: [] })
  const value: QueryValue = { results, status: inTransaction ? 'T' : 'I' }
  return { status: 'returned', value }
}

/** Whether an error came from the server as an ErrorResponse: it has a SQLSTATE, or a severity. */
export function isServerError(error: unknown): error is Notice {
  if (typeof error !== 'object' || error === null) return false
  const { severity, code } = error as { severity?: unknown; code?: unknown }
  return typeof severity === 'string' || (typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code))
}

/** Whether an error means that the connection is gone. */
export function isConnectionError(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return (
    (typeof code === 'string' && /^(?:E[A-Z]{3,}|ERR_SSL.*|ERR_TLS.*)$/.test(code)) ||
    (typeof message === 'string' && message.startsWith('Connection terminated'))
  )
}
