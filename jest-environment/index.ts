import { dirname, resolve } from 'node:path'
import type { EnvironmentContext, JestEnvironmentConfig } from '@jest/environment'
import {
  arm,
  disarm,
  type Fixture,
  FluxError,
  judgeFixed,
  loadFixture,
  RUNTIME,
  replayArmed,
  runtime,
  toldToRunner,
} from 'flux-replay/runner'
import { TestEnvironment } from 'jest-environment-node'
import { RUNNER } from './bridge.ts'
import { shareClasses } from './realms.ts'

/**
 * jest's node environment, for `testEnvironment: 'flux'` or `@jest-environment flux`. A test file without a
 * `@flux-fixture` docblock line runs as in jest-environment-node.
 */
export default class FluxEnvironment extends TestEnvironment {
  readonly #fixture: Fixture | undefined

  constructor(config: JestEnvironmentConfig, context: EnvironmentContext) {
    super(config, context)
    const named = context.docblockPragmas['flux-fixture']
    if (Array.isArray(named)) {
      throw new FluxError('FLUX_USAGE', `${context.testPath} names more than one fixture.`, {
        hint: 'Keep one per file.',
      })
    }
    this.#fixture = named === undefined ? undefined : loadFixture(resolve(dirname(context.testPath), named))
    const { global } = this
    // The sandbox has its own copy of flux-capture; it shares the state of this one.
    Object.defineProperty(global, RUNTIME, { value: runtime, configurable: true })
    Object.defineProperty(global, RUNNER, { value: { replay: replayArmed, judgeFixed }, configurable: true })
  }

  /**
   * The runner takes its own timers before its `setup` event and imports the test file after it: later than the
   * environment's own `setup`, whose clock would put the runner's time-outs on virtual time.
   */
  async handleTestEvent(event: { readonly name: string }): Promise<void> {
    if (event.name !== 'setup' || !this.#fixture) return
    const global = this.global as unknown as typeof globalThis
    const { installation } = arm(this.#fixture, { realm: { global, process: this.global.process } })
    shareClasses(global, installation.patches)
    this.fakeTimersModern = refuseFakeTimers(this.fakeTimersModern)
    this.fakeTimers = refuseFakeTimers(this.fakeTimers)
  }

  override async teardown(): Promise<void> {
    if (this.#fixture) disarm()
    await super.teardown()
  }
}

/** `jest.useFakeTimers()` must not take the clock from the fixture. */
function refuseFakeTimers<T extends object | null>(timers: T): T {
  if (timers === null) return timers
  const refuse = () => {
    throw toldToRunner(
      new FluxError('FLUX_FAKE_TIMERS', 'jest.useFakeTimers() was called in a test that replays a Flux fixture.'),
    )
  }
  return new Proxy(timers, {
    get: (target, key) => {
      if (key === 'useFakeTimers') return refuse
      const value = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
