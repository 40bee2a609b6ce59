import nodeTimers from 'node:timers'
import nodeTimersPromises from 'node:timers/promises'
import type { Boundary, Host } from '../../boundary.ts'

type Callback = (this: unknown, ...args: unknown[]) => unknown
type SetTimer = (callback: Callback, delay?: number, ...args: unknown[]) => unknown
type SetImmediate = (callback: Callback, ...args: unknown[]) => unknown
type Wait = (...args: unknown[]) => Promise<unknown>

const realTimeout = setTimeout
const realInterval = setInterval
const realClear = clearInterval
const realImmediate = setImmediate

/** What Node makes of a delay. */
const MAX_DELAY = 2 ** 31 - 1
/** The delay of an immediate on the tape: no timer has it. */
const IMMEDIATE = 0

/** `setTimeout`, `setInterval` and `setImmediate`, also of `node:timers` and its promises, `AbortSignal.timeout`: when they fired. */
export const boundary: Boundary = {
  name: 'timers',
  supports: {},
  answersNothing: true,
  install(host) {
    const { global } = host.realm
    for (const name of ['setTimeout', 'setInterval'] as const) {
      host.patch(global as unknown as Record<string, SetTimer>, name, original =>
        noted(host, original, name === 'setInterval'),
      )
    }
    host.patch(global as unknown as Record<string, SetImmediate>, 'setImmediate', original => {
      return (callback, ...args) => {
        const fired = typeof callback === 'function' ? host.timer(IMMEDIATE, false) : undefined
        return original(fired ? heard(callback, fired) : callback, ...args)
      }
    })
    for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) {
      host.patch(nodeTimers as unknown as Record<string, unknown>, name, () => global[name])
    }
    installWaits(host)
    host.patch(global.AbortSignal, 'timeout', original => {
      return function (this: typeof AbortSignal, delay) {
        foreshadow(host, delay)
        return original.call(this, delay)
      }
    })
  },
}

function installWaits(host: Host): void {
  const promises = nodeTimersPromises as unknown as Record<string, Wait>
  host.patch(promises, 'setTimeout', original => {
    return (delay, ...rest) => {
      foreshadow(host, delay)
      return original(delay, ...rest)
    }
  })
  host.patch(promises, 'setImmediate', original => {
    return (...args) => {
      const fired = host.timer(IMMEDIATE, false)
      if (fired) realImmediate(fired).unref()
      return original(...args)
    }
  })
  host.patch(nodeTimersPromises, 'setInterval', original => {
    return (delay, value, options) => {
      foreshadowTicks(host, delay, options?.signal)
      return original(delay, value, options)
    }
  })
  const scheduler = nodeTimersPromises.scheduler as unknown as { wait: Wait }
  host.patch(scheduler, 'wait', original => {
    return (delay, ...rest) => {
      foreshadow(host, delay)
      return original.call(scheduler, delay, ...rest)
    }
  })
}

/**
 * For timers that nobody can look into: one of ours with the same delay, which Node fires just before them. To listen to a
 * promise would be to handle its rejection, and to a signal, to keep it in memory.
 */
function foreshadow(host: Host, delay: unknown): void {
  if (delay !== undefined && typeof delay !== 'number') return
  const fired = host.timer(millisecondsOf(delay), false)
  if (fired) realTimeout(fired, delay).unref()
}

/** As {@link foreshadow}, until the iterator is aborted or the execution is over. */
function foreshadowTicks(host: Host, delay: unknown, signal: AbortSignal | undefined): void {
  if (delay !== undefined && typeof delay !== 'number') return
  const fired = host.timer(millisecondsOf(delay), true)
  if (!fired) return
  const stop = () => realClear(shadow)
  const shadow = realInterval(() => fired() || stop(), delay)
  shadow.unref()
  signal?.addEventListener('abort', stop, { once: true })
}

function noted(host: Host, original: SetTimer, repeats: boolean): SetTimer {
  return function (this: unknown, callback, delay, ...args) {
    const fired = typeof callback === 'function' ? host.timer(millisecondsOf(delay), repeats) : undefined
    return original.call(this, fired ? heard(callback, fired) : callback, delay, ...args)
  }
}

function heard(callback: Callback, fired: () => void): Callback {
  return function (...given) {
    fired()
    return Reflect.apply(callback, this, given)
  }
}

function millisecondsOf(delay: unknown): number {
  const milliseconds = Math.trunc(Number(delay))
  return milliseconds >= 1 && milliseconds <= MAX_DELAY ? milliseconds : 1
}
