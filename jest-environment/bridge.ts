import type { ReplayEntry, Verdict } from 'flux-replay'
import type { FixedOptions, MatcherResult } from 'flux-replay/runner'

/** Where the environment puts what the test file's side of the sandbox needs. */
export const RUNNER: unique symbol = Symbol.for('flux.runner') as never

/** What crosses from jest's realm into the sandbox. */
export interface Bridge {
  replay(entry: ReplayEntry): Promise<Verdict>
  judgeFixed(verdict: Verdict, options?: FixedOptions): MatcherResult
}
