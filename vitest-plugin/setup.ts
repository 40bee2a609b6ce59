import { arm, disarm, FluxError, fixtureOf, toldToRunner } from 'flux-replay/runner'
import { afterAll, expect, vi } from 'vitest'
import './matcher.ts'

interface Worker {
  readonly __vitest_worker__?: { readonly resolvingModules?: { readonly size: number } }
}

const { testPath } = expect.getState()
const fixture = testPath === undefined ? undefined : fixtureOf(testPath)
if (fixture) {
  const machine = arm(fixture, {
    extraPending: () => (globalThis as Worker).__vitest_worker__?.resolvingModules?.size ?? 0,
  })
  machine.installation.patches.replace(vi, 'useFakeTimers', () => () => {
    throw toldToRunner(
      new FluxError('FLUX_FAKE_TIMERS', 'vi.useFakeTimers() was called in a test that replays a Flux fixture.'),
    )
  })
  afterAll(disarm)
}
