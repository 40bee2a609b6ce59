import { printable } from 'flux-fixtures'
import { endedBeyond, renderVerdict } from './render.ts'
import type { Verdict } from './verdict.ts'

/** What counts as fixed beyond the default. */
export interface FixedOptions {
  /** The failure status that is meant: a deliberate 503. */
  readonly status?: number
  /** The run must finish: a frontier is red. */
  readonly complete?: boolean
}

/** What a runner's `expect.extend` expects of a matcher. */
export interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
}

/** `toBeFixed()`: DESIGN's rule, "When is it fixed?", on one verdict. */
export function judgeFixed(verdict: Verdict, options: FixedOptions = {}): MatcherResult {
  const pass = isFixed(verdict, options)
  const note = pass && verdict.result === 'reached-frontier' ? endedBeyond(verdict) : undefined
  if (note !== undefined) process.stderr.write(`${note}\n`)
  for (const warning of pass ? verdict.warnings : []) process.stderr.write(`flux: ${printable(warning)}\n`)
  return { pass, message: () => renderVerdict(verdict, options) }
}

function isFixed(verdict: Verdict, { status, complete }: FixedOptions): boolean {
  if (verdict.result === 'reached-frontier') return complete !== true && status === undefined
  if (status !== undefined) {
    const { result, response, recorded } = verdict
    // An error handler may answer the same error in the way that is meant.
    const isMeant = result === 'reproduced' && recorded.status !== status
    return (result === 'fixed' || result === 'different-failure' || isMeant) && response?.status === status
  }
  return verdict.result === 'fixed'
}
