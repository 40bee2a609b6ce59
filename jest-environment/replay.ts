import type {} from 'expect'
import type { ReplayEntry, Verdict } from 'flux-replay'
import type { FixedOptions, MatcherResult } from 'flux-replay/runner'
import { type Bridge, RUNNER } from './bridge.ts'

export type { ReplayEntry, Verdict } from 'flux-replay'

type Sandbox = typeof globalThis & {
  readonly [RUNNER]?: Bridge
  readonly expect?: { extend(matchers: Record<string, (...args: never[]) => MatcherResult>): void }
}

const sandbox = globalThis as Sandbox
sandbox.expect?.extend({
  toBeFixed: (received: Verdict, options: FixedOptions = {}) => bridge().judgeFixed(received, options),
})

/**
 * Runs `entry` on the fixture named by this file's `@flux-fixture` docblock line. Nothing is performed.
 * @returns what happened, for `expect(execution).toBeFixed()`
 * @throws when the test does not run in jest-environment-flux
 */
export async function replay(entry: ReplayEntry): Promise<Verdict> {
  return await bridge().replay(entry)
}

function bridge(): Bridge {
  const found = sandbox[RUNNER]
  if (found) return found
  // No FluxError: the sandbox loads this file alone.
  const message = 'replay() was called outside jest-environment-flux.'
  const hint = 'Put `@jest-environment flux` into the docblock of the test file.'
  throw Object.assign(new Error(`${message} ${hint}`), { code: 'FLUX_NOT_ARMED', hint })
}

interface FluxMatchers<R> {
  /**
   * The recorded failure is gone. Red for every verdict but `fixed` and `reached-frontier`.
   * @param options `status`: the failure status that is meant; `complete`: the run must finish, a frontier is red
   */
  toBeFixed(options?: FixedOptions): R
}

declare global {
  namespace jest {
    interface Matchers<R, T = {}> extends FluxMatchers<R> {}
  }
}

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends FluxMatchers<R> {}
}
