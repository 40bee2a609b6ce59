import nodeTimers from 'node:timers'
import nodeTimersPromises from 'node:timers/promises'
import FakeTimers, { type Clock } from '@sinonjs/fake-timers'
import { type Patches, type Realm, runtime } from 'flux-capture/internal'
import { NOCK } from '../floor.ts'

const TIMERS = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const

const nextTurn = setImmediate

function isImmediate(id: unknown): id is NodeJS.Immediate {
  return typeof id === 'object' && id !== null && id.constructor.name === 'Immediate'
}

/**
 * Whether a dependency of the program asks for a timer. One without delay orders its work and measures no time:
 * `follow-redirects` sets one for every request without a timeout.
 */
function isOfDependency(): boolean {
  const site: { stack?: string } = {}
  Error.captureStackTrace(site, isOfDependency)
  const caller = (site.stack ?? '').split('\n').find(line => /[\\/]/.test(line) && !OWN.test(line))
  return caller !== undefined && /[\\/]node_modules[\\/]/.test(caller)
}

const OWN = new RegExp(`[\\\\/]@sinonjs[\\\\/]|\\(?node:|${literal(new URL('.', import.meta.url).pathname)}`)

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** The program's timers. They do not run by themselves; whether one fires is reported, see `fired`. */
export class VirtualTimers {
  readonly #clock: Clock
  #fired = false

  constructor(realm: Realm, patches: Patches) {
    const foreign = realm.global !== globalThis
    // setImmediate, nextTick and queueMicrotask order work; they do not measure time.
    const config = { now: 0, toFake: [...TIMERS] }
    this.#clock = foreign ? FakeTimers.withGlobal(realm.global).install(config) : FakeTimers.install(config)
    patches.onRestore(() => this.#clock.uninstall())
    this.#watch()
    this.#forgive()
    this.#patchSignals(realm, patches)
    // A jest sandbox has its own globals and shares the built-in modules.
    if (foreign) this.#patchModules(patches)
  }

  /** Whether a timer of the program came due. */
  get fired(): boolean {
    return this.#fired
  }

  /** How many timers are waiting. */
  get waiting(): number {
    return this.#clock.countTimers()
  }

  /** Forgets what an earlier run of the program left behind. */
  reset(): void {
    this.#clock.reset()
    this.#fired = false
  }

  /** Moves the timers' time forward. */
  advance(milliseconds: number): void {
    if (milliseconds > 0) this.#clock.tick(milliseconds)
  }

  /** The globals call through the clock's own properties, so that what stands there sees every timer. */
  #watch(): void {
    const clock = this.#clock as unknown as Record<'setTimeout' | 'setInterval', (...args: unknown[]) => unknown>
    for (const name of ['setTimeout', 'setInterval'] as const) {
      const original = clock[name].bind(clock)
      clock[name] = (callback: unknown, ...rest: unknown[]) => {
        if (typeof callback !== 'function') return original(callback, ...rest)
        // nock waits even for an answer without delay, on whatever timer it found when it was loaded.
        if (runtime.frames.getStore()?.execution.id === NOCK) return nextTurn(() => callback(...rest.slice(1)))
        if (name === 'setTimeout' && !(Number(rest[0]) > 0) && isOfDependency()) {
          return nextTurn(() => callback(...rest.slice(1)))
        }
        return original(
          (...args: unknown[]) => {
            this.#fired = true
            return callback(...args)
          },
          ...rest,
        )
      }
    }
  }

  /** What was given out for nock is no timer of the clock's. */
  #forgive(): void {
    const clock = this.#clock as unknown as Record<'clearTimeout' | 'clearInterval', (id: unknown) => void>
    for (const name of ['clearTimeout', 'clearInterval'] as const) {
      const original = clock[name].bind(clock)
      clock[name] = id => (isImmediate(id) ? clearImmediate(id) : original(id))
    }
  }

  /** Node counts the time of `AbortSignal.timeout` on a timer of its own. */
  #patchSignals(realm: Realm, patches: Patches): void {
    const { AbortController, DOMException } = realm.global
    patches.replace(realm.global.AbortSignal, 'timeout', () => delay => {
      const controller = new AbortController()
      const abort = () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
      this.#clock.setTimeout(abort, delay)
      return controller.signal
    })
  }

  #patchModules(patches: Patches): void {
    const clock = this.#clock
    for (const name of TIMERS) {
      patches.replace(nodeTimers as unknown as Record<string, unknown>, name, () => {
        return (...args: never[]) => (clock[name] as (...args: never[]) => unknown)(...args)
      })
    }
    patches.replace(nodeTimersPromises, 'setTimeout', () => {
      const later = (delay?: number, value?: unknown) =>
        new Promise(resolve => clock.setTimeout(() => resolve(value), delay ?? 1))
      return later as typeof nodeTimersPromises.setTimeout
    })
  }
}
