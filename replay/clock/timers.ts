import { AsyncResource } from 'node:async_hooks'
import nodeTimers from 'node:timers'
import FakeTimers, { type Clock } from '@sinonjs/fake-timers'
import { appLine, type Frame, type Patches, type Realm, runtime, within } from 'flux-capture/internal'
import { NOCK } from '../floor.ts'
import { immediates } from './immediates.ts'
import { promised } from './promised.ts'

const SETTERS = ['setTimeout', 'setInterval'] as const
const CLEARERS = ['clearTimeout', 'clearInterval'] as const

const nextTurn = setImmediate
const realTimeout = setTimeout
const realClear = clearTimeout
const realNow = performance.now.bind(performance)

/** What Node makes of a longer delay: 1. */
const MAX_DELAY = 2 ** 31 - 1
/** The queue of fake-timers stands still at 0; what is to fire next is put before everything else in it. */
const FIRST = -1

type AnyFunction = (...args: unknown[]) => unknown
type Callback = (this: unknown, ...args: unknown[]) => unknown

/** The timer object that a program is given. */
interface Handle extends Disposable {
  refresh(): Handle
  hasRef(): boolean
  close(): Handle
}

/** A timer that the program has set and that may still fire. */
export interface Armed {
  readonly delay: number
  readonly repeats: boolean
  /** Where it was set; none outside any execution. */
  readonly frame: Frame | undefined
  /** The app's own frame that set it. Formatted when read. */
  readonly line: string | undefined
  /** Fires it now. What its callback throws is thrown. */
  fire(): void
}

/** A run of the program. It decides when a timer fires. */
export interface Director {
  /** A timer was set, or set anew. */
  armed(timer: Armed): void
  /** Whether an immediate has a place among the recorded events. Any other runs when Node runs it. */
  places(immediate: Armed): boolean
  /** A timer will not fire any more, unless it is armed again. */
  disarmed(timer: Armed): void
}

interface Live extends Armed {
  readonly handle: Handle
  /** On the real clock: for what is set outside any run. */
  dueAt: number
}

/**
 * The program's timers. While a program runs, its director fires them on virtual time; between runs, what is left of
 * them (those of the process, such as a pool's) keeps real time.
 */
export class VirtualTimers {
  readonly #clock: Clock
  readonly #live = new Map<number, Live>()
  #director: Director | undefined
  #pacer: ReturnType<typeof setTimeout> | undefined

  constructor(realm: Realm, patches: Patches) {
    const foreign = realm.global !== globalThis
    // nextTick and queueMicrotask order work; they do not measure time.
    const config = { now: 0, toFake: [...SETTERS, ...CLEARERS] }
    this.#clock = foreign ? FakeTimers.withGlobal(realm.global).install(config) : FakeTimers.install(config)
    patches.onRestore(() => {
      this.#unpace()
      this.#clock.uninstall()
    })
    this.#watch()
    this.#patchSignals(realm, patches)
    immediates(realm.global, patches, {
      places: immediate => this.#director?.places(immediate) ?? false,
      disarmed: immediate => this.#director?.disarmed(immediate),
    })
    // A jest sandbox has its own globals and shares the built-in modules.
    if (foreign) {
      for (const name of [...SETTERS, ...CLEARERS]) {
        const clock = this.#clock as unknown as Record<string, (...args: unknown[]) => unknown>
        const through = (...args: unknown[]) => clock[name]?.(...args)
        patches.replace(nodeTimers as unknown as Record<string, unknown>, name, () => through)
      }
    }
    promised(realm.global, patches)
  }

  /** A program begins to run. What an earlier run left behind is forgotten; the timers of the process begin anew. */
  begin(director: Director): void {
    this.#unpace()
    this.#director = director
    for (const [id, live] of this.#live) {
      if (live.frame?.execution.player && live.frame.execution !== runtime.ambient?.execution) this.#clear(id)
      else director.armed(live)
    }
  }

  /** The program ran. */
  end(): void {
    this.#director = undefined
    for (const live of this.#live.values()) live.dueAt = realNow() + live.delay
    this.#pace()
  }

  /** The globals call through the clock's own properties, so that what stands there sees every timer. */
  #watch(): void {
    for (const name of SETTERS) {
      this.#replace(name, original => (callback, delay, ...args) => {
        if (typeof callback !== 'function') return original(callback, delay, ...args)
        return this.#set(original, name === 'setInterval', callback as Callback, delay, args)
      })
    }
    for (const name of CLEARERS) {
      this.#replace(name, original => id => {
        if (isImmediate(id)) return clearImmediate(id)
        this.#forget(idOf(id))
        return original(id)
      })
    }
  }

  /** What fake-timers noted on its own function tells it what to restore. */
  #replace(name: string, make: (original: AnyFunction) => AnyFunction): void {
    const clock = this.#clock as unknown as Record<string, AnyFunction>
    const original = clock[name] as AnyFunction
    clock[name] = Object.assign(make(original.bind(clock)), original)
  }

  #set(
    original: (...args: unknown[]) => unknown,
    repeats: boolean,
    callback: Callback,
    delay: unknown,
    args: unknown[],
  ): unknown {
    const frame = runtime.frames.getStore()
    // nock waits even for an answer without delay, on whatever timer it found when it was loaded.
    if (frame?.execution.id === NOCK) return nextTurn(() => callback(...args))
    const ticks = millisecondsOf(delay)
    const resource = new AsyncResource('Timeout')
    const fired = (...given: unknown[]) => {
      if (!repeats) this.#live.delete(id)
      resource.runInAsyncScope(() => {
        if (frame) within(frame, callback.bind(handle), undefined, given)
        else callback.apply(handle, given)
      })
      this.#again(id, live)
    }
    const handle = original(fired, ticks, ...args) as Handle
    const id = idOf(handle)
    const live = this.#liveOf(id, handle, { delay: ticks, repeats, frame })
    this.#arm(id, live)
    return handle
  }

  #liveOf(id: number, handle: Handle, { delay, repeats, frame }: Pick<Armed, 'delay' | 'repeats' | 'frame'>): Live {
    const site: { stack?: string } = {}
    Error.captureStackTrace(site, this.#set)
    const restart = handle.refresh.bind(handle)
    const live: Live = {
      delay,
      repeats,
      frame,
      handle,
      dueAt: 0,
      fire: () => this.#fire(delay, restart),
      get line() {
        return appLine(site.stack)
      },
    }
    handle.refresh = () => {
      this.#director?.disarmed(live)
      restart()
      this.#arm(id, live)
      return handle
    }
    handle.close = () => {
      this.#clear(id)
      return handle
    }
    handle[Symbol.dispose] = () => this.#clear(id)
    return live
  }

  /** @param restart puts the timer into the queue of fake-timers anew */
  #fire(delay: number, restart: () => unknown): void {
    this.#clock.now = FIRST - delay
    restart()
    try {
      this.#clock.next()
    } finally {
      this.#clock.now = 0
    }
  }

  #arm(id: number, live: Live): void {
    this.#live.set(id, live)
    if (this.#director) return this.#director.armed(live)
    live.dueAt = realNow() + live.delay
    this.#pace()
  }

  /** An interval goes on, unless its callback cleared it. */
  #again(id: number, live: Live): void {
    if (live.repeats && this.#live.has(id)) this.#arm(id, live)
  }

  #clear(id: number): void {
    this.#clock.clearTimeout(id as unknown as Parameters<Clock['clearTimeout']>[0])
  }

  #forget(id: number): void {
    const live = this.#live.get(id)
    if (!live) return
    this.#live.delete(id)
    this.#director?.disarmed(live)
  }

  /** Outside any run nothing decides when a timer fires but the real clock: an app that waits while it is imported, a test that waits. */
  #pace(): void {
    this.#unpace()
    const waiting = [...this.#live.values()].sort((a, b) => a.dueAt - b.dueAt)
    const [first] = waiting
    if (!first || this.#director) return
    this.#pacer = realTimeout(() => {
      this.#pace()
      first.fire()
    }, first.dueAt - realNow())
    if (!waiting.some(({ handle }) => handle.hasRef())) this.#pacer.unref()
  }

  #unpace(): void {
    if (this.#pacer !== undefined) realClear(this.#pacer)
    this.#pacer = undefined
  }

  /** Node counts the time of `AbortSignal.timeout` on a timer of its own. */
  #patchSignals(realm: Realm, patches: Patches): void {
    const { AbortController, DOMException } = realm.global
    patches.replace(realm.global.AbortSignal, 'timeout', original => delay => {
      if (!(Number(delay) >= 0)) return original.call(realm.global.AbortSignal, delay)
      const controller = new AbortController()
      const abort = () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
      const handle = this.#clock.setTimeout(abort, delay) as unknown as { unref(): void }
      handle.unref()
      return controller.signal
    })
  }
}

function isImmediate(id: unknown): id is NodeJS.Immediate {
  return typeof id === 'object' && id !== null && id.constructor.name === 'Immediate'
}

function idOf(handle: unknown): number {
  return typeof handle === 'symbol' ? Number.NaN : Number(handle)
}

function millisecondsOf(delay: unknown): number {
  const milliseconds = Math.trunc(Number(delay))
  return milliseconds >= 1 && milliseconds <= MAX_DELAY ? milliseconds : 1
}
