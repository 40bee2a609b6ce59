/** A bug of the corpus: a small program, the trigger that makes it fail in production, and what versions of it deserve. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Entry } from 'flux-fixtures'

/** What starts the program: a request, as `GET /path`, or the arguments of a wrapped function. */
export type Trigger =
  | { readonly request: string; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly args: readonly unknown[] }

/** An upstream's answer by `GET /path`. `nth` counts the calls of the route from 1 on. */
export type Upstream = Readonly<
  Record<string, (response: ServerResponse, call: { request: IncomingMessage; body: string; nth: number }) => unknown>
>

/** What stands in the program, and what is to stand there. */
export type Edit = readonly [before: string, after: string]

/** What a verdict must say. Absent lists are empty; other absent fields may be anything. */
export interface Expected {
  readonly result: string
  readonly reason?: string
  readonly status?: number
  readonly body?: unknown
  readonly value?: unknown
  readonly error?: string
  /** Targets of what was asked beyond the recording, without origin or database. */
  readonly beyond?: readonly string[]
  readonly orphans?: readonly string[]
  /** `kind target`, and for a changed call the path of each difference. */
  readonly divergences?: readonly string[]
  readonly leaks?: readonly string[]
  /** A part of each. */
  readonly warnings?: readonly string[]
  /** How many effects were ambiguous; `any` where production's order of connections decides. */
  readonly ambiguous?: number | 'any'
}

export interface Version {
  readonly kind: 'fix' | 'non-fix'
  readonly name: string
  readonly edits: readonly Edit[]
  readonly expected: Expected
  /** The status that the test means: `toBeFixed({ status })`. */
  readonly meant?: number
  /** Whether the matcher is green; by the result when absent. */
  readonly green?: boolean
  /** Answers that a person wrote. */
  readonly authored?: readonly Entry[]
}

export interface Bug {
  /** File in `programs/`, and the path or name of its trigger. */
  readonly program: string
  /** Statements that make its tables. */
  readonly sql?: string
  readonly upstream?: Upstream
  /** Triggers before the failure; a success becomes the baseline. */
  readonly before?: readonly Trigger[]
  readonly trigger: Trigger
  /** What production did. */
  readonly failure: { readonly status?: number; readonly error?: string }
  /** It ends its process, so it has one of its own. */
  readonly crashes?: true
  readonly versions: readonly Version[]
}

type More = Partial<Pick<Version, 'meant' | 'green' | 'authored'>>

/** A version that mends the bug. */
export function fix(name: string, edits: readonly Edit[], expected: Expected, more: More = {}): Version {
  return { kind: 'fix', name, edits, expected, ...more }
}

/** A version that does not. */
export function nonFix(name: string, edits: readonly Edit[], expected: Expected, more: More = {}): Version {
  return { kind: 'non-fix', name, edits, expected, ...more }
}

/** It ended well. */
export function fixed(expected: Omit<Expected, 'result'>): Expected {
  return { result: 'fixed', ...expected }
}

/** It went past the failure and asked for these. */
export function frontier(...beyond: string[]): Expected {
  return { result: 'reached-frontier', beyond }
}

/** The failing call is not asked as it was recorded: another stands in its place. */
export function replaced(asked: string, recorded = asked): Expected {
  return { result: 'reached-frontier', beyond: [asked], orphans: [recorded] }
}

/** The failure happened again. */
export function again(): Expected {
  return { result: 'reproduced' }
}

/**
 * The failure happened again with a blank answer to what was asked beyond the recording.
 */
export function againAfter(beyond: string): Expected {
  return { result: 'reproduced', beyond: [beyond] }
}

/** It failed otherwise. */
export function otherwise(expected: Omit<Expected, 'result'>): Expected {
  return { result: 'different-failure', ...expected }
}

/** A query's answer that a person wrote. */
export function answer(
  target: string,
  command: string,
  columns: readonly string[] = [],
  row?: readonly string[],
): Entry {
  const fields = columns.map(name => ({
    name,
    tableID: 0,
    columnID: 0,
    dataTypeID: 25,
    dataTypeSize: -1,
    dataTypeModifier: -1,
    format: 'text',
  }))
  return {
    index: 1000,
    path: '',
    issuedAt: 0,
    bytesSent: false,
    provenance: 'authored',
    effect: { boundary: 'pg', kind: 'postgres', operation: 'query', target, request: {}, write: true },
    outcome: { status: 'returned', value: { results: [{ command, fields, rows: row ? [row] : [] }], status: 'I' } },
  }
}

/** An upstream's JSON answer. */
export function json(body: unknown, status = 200) {
  return (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
}
