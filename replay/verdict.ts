import type { Divergence, Effect, EffectSummary, FailureError } from 'flux-fixtures'
import type { Leak } from './floor.ts'

export type VerdictResult =
  | 'fixed'
  | 'reached-frontier'
  | 'reproduced'
  | 'different-failure'
  | 'diverged'
  | 'leaked'
  | 'not-replayable'

/** What the program answered. */
export interface VerdictResponse {
  readonly status: number
  /** By lower-case name; `date` and what belongs to the connection are left out. */
  readonly headers: Readonly<Record<string, string>>
  /** Parsed where it is JSON, otherwise text. */
  readonly body: unknown
}

export interface VerdictError {
  readonly class: string
  readonly message: string
  readonly code?: string
  /** The app's own frame: `src/prices.ts:23:40 in priceOf`. */
  readonly frame?: string
}

export interface VerdictEffect extends EffectSummary {
  /** Where its answer came from. */
  readonly source: 'recorded' | 'authored' | 'borrowed' | 'ambient' | 'nock' | 'blank' | 'none'
  readonly ambiguous?: true
}

/** A call beyond the recording: nothing answered it. */
export interface BeyondEffect extends EffectSummary {
  /** All that was asked; its request is encoded, as in a fixture. */
  readonly effect: Effect
}

/** What a replay found, as plain data; the same run gives the same JSON. */
export interface Verdict {
  readonly result: VerdictResult
  /** Why, in a few words: `timezone`, `waiting for …`, `unproven`, `missing`, `warm state`. */
  readonly reason?: string
  /** The id of the recording. */
  readonly id: string
  /** What had been recorded. */
  readonly recorded: { readonly status?: number; readonly error?: VerdictError }
  /** The answer of this run, when it ended by answering. */
  readonly response?: VerdictResponse
  /** The return value of this run, for a wrapped function. */
  readonly value?: unknown
  /** The error behind this run's failure. */
  readonly error?: VerdictError
  /** Every effect the program asked for, in order. */
  readonly effects: readonly VerdictEffect[]
  /** Recorded effects that were not asked for, the tail left out. */
  readonly orphans: readonly EffectSummary[]
  /** Ids of the recording that were bound to ids of this run. */
  readonly bound: readonly { readonly recorded: string; readonly replayed: string }[]
  /** What was asked beyond the recording and not performed. */
  readonly beyond: readonly BeyondEffect[]
  readonly divergences: readonly Divergence[]
  readonly leaks: readonly Leak[]
  readonly warnings: readonly string[]
  /** Virtual time, milliseconds since epoch. */
  readonly clock: { readonly startedAt: number; readonly endedAt: number }
}

/** An error as a verdict and a recording know it. */
export function verdictError(error: FailureError): VerdictError {
  return {
    class: error.class,
    message: error.message,
    ...(error.code !== undefined && { code: error.code }),
    ...(error.frame !== undefined && { frame: error.frame }),
  }
}

/** Whether two frames name the same place; lines move when code above them changes. */
export function sameFrame(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return placeOf(a) === placeOf(b)
}

/** `src/prices.ts:23:40 in priceOf` and `dist/prices.js:20:1 in priceOf` are one place. */
function placeOf(frame: string): string {
  const [location = '', name = ''] = frame.split(' in ')
  const file = location.replace(/:\d+:\d+$/, '')
  return `${file.slice(file.lastIndexOf('/') + 1).replace(/\.[cm]?[jt]sx?$/, '')} ${name}`
}
