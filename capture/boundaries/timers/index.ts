import nodeTimers from 'node:timers'
import nodeTimersPromises from 'node:timers/promises'
import type { Boundary, Host } from '../../boundary.ts'

type Callback = (this: unknown, ...args: unknown[]) => unknown
type SetTimer = (callback: Callback, delay?: number, ...args: unknown[]) => unknown
type Wait = (delay?: number, ...rest: unknown[]) => Promise<unknown>

/** What Node makes of a delay. */
const MAX_DELAY = 2 ** 31 - 1

/** `setTimeout` and `setInterval`, also of `node:timers` and `node:timers/promises`, and `scheduler.wait`: when they fired. */
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
      host.patch(nodeTimers as unknown as Record<string, unknown>, name, () => global[name])
    }
    host.patch(nodeTimersPromises as unknown as Record<string, Wait>, 'setTimeout', original => {
      return (delay, value, options) => waited(host, delay, options, original(delay, value, options))
    })
    const scheduler = nodeTimersPromises.scheduler as unknown as { wait: Wait }
    host.patch(scheduler, 'wait', original => {
      return (delay, options) => waited(host, delay, options, original.call(scheduler, delay, options))
    })
  },
}

function noted(host: Host, original: SetTimer, repeats: boolean): SetTimer {
  return function (this: unknown, callback, delay, ...args) {
    const fired = typeof callback === 'function' ? host.timer(millisecondsOf(delay), repeats) : undefined
    if (!fired) return original.call(this, callback, delay, ...args)
    const heard: Callback = function (...given) {
      fired()
      return Reflect.apply(callback, this, given)
    }
    return original.call(this, heard, delay, ...args)
  }
}

/** A wait that can be rejected is left alone: to listen to it would be to handle its rejection. */
function waited(host: Host, delay: unknown, options: unknown, waiting: Promise<unknown>): Promise<unknown> {
  const valid = (delay === undefined || typeof delay === 'number') && options === undefined
  const fired = valid ? host.timer(millisecondsOf(delay), false) : undefined
  if (fired) void waiting.then(fired)
  return waiting
}

function millisecondsOf(delay: unknown): number {
  const milliseconds = Math.trunc(Number(delay))
  return milliseconds >= 1 && milliseconds <= MAX_DELAY ? milliseconds : 1
}
