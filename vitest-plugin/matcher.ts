import type { Verdict } from 'flux-replay'
import { type FixedOptions, judgeFixed } from 'flux-replay/runner'
import { expect } from 'vitest'

expect.extend({
  toBeFixed(received: Verdict, options: FixedOptions = {}) {
    return judgeFixed(received, options)
  },
})

interface FluxMatchers<R = unknown> {
  /**
   * The recorded failure is gone. Red for every verdict but `fixed` and `reached-frontier`.
   * @param options `status`: the failure status that is meant; `complete`: the run must finish, a frontier is red
   */
  toBeFixed(options?: FixedOptions): R
}

declare module 'vitest' {
  interface Matchers<T = any> extends FluxMatchers<T> {}
}
