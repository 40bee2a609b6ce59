import nodeTimers from 'node:timers'
import nodeTimersPromises from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Patches } from 'flux-capture/internal'

interface Options {
  readonly signal?: AbortSignal | undefined
  readonly ref?: boolean | undefined
}

type Soon = (value?: unknown, options?: Options) => Promise<unknown>
type Wait = (delay?: number, value?: unknown, options?: Options) => Promise<unknown>

const real = { setTimeout: nodeTimersPromises.setTimeout as Wait, setInterval: nodeTimersPromises.setInterval }

/** `node:timers/promises`, `scheduler.wait` and `promisify(setTimeout)`, on the timers of `global`. */
export function promised(global: typeof globalThis, patches: Patches): void {
  const wait = waitOn(global)
  patches.replace(nodeTimersPromises as unknown as { setTimeout: Wait }, 'setTimeout', () => wait)
  patches.replace(nodeTimersPromises as unknown as { setImmediate: Soon }, 'setImmediate', original => {
    return (value, options) => {
      if (options !== undefined) return original(value, options)
      return new Promise(resolve => global.setImmediate(() => resolve(value)))
    }
  })
  patches.replace(nodeTimersPromises, 'setInterval', () => {
    return ((delay, value, options) => ticks(global, delay, value, options)) as typeof real.setInterval
  })
  patches.replace(nodeTimersPromises.scheduler, 'wait', () => {
    return ((delay: number, options?: Options) =>
      wait(delay, undefined, options)) as typeof nodeTimersPromises.scheduler.wait
  })
  for (const owner of [global.setTimeout, nodeTimers.setTimeout]) {
    // Node's own looks the promised one up in the module.
    if (Object.getOwnPropertyDescriptor(owner, promisify.custom)?.configurable === false) continue
    patches.define(owner, promisify.custom, { value: wait, configurable: true })
  }
}

/** Node's own error for a signal that has aborted. */
function aborted(signal: AbortSignal): Promise<unknown> {
  return real.setTimeout(1, undefined, { signal })
}

function waitOn(global: typeof globalThis): Wait {
  return (delay, value, options) => {
    const { signal, ref } = options ?? {}
    if (isInvalid(delay, options)) return real.setTimeout(delay, value, options)
    if (signal?.aborted) return aborted(signal)
    return new Promise((resolve, reject) => {
      const abort = () => {
        global.clearTimeout(timer)
        if (signal) aborted(signal).catch(reject)
      }
      const timer = global.setTimeout(() => {
        signal?.removeEventListener('abort', abort)
        resolve(value)
      }, delay)
      if (ref === false) timer.unref()
      signal?.addEventListener('abort', abort, { once: true })
    })
  }
}

/** Node refuses it, in its own words. */
function isInvalid(delay: unknown, options: unknown): boolean {
  if (delay !== undefined && typeof delay !== 'number') return true
  if (options === undefined) return false
  if (typeof options !== 'object' || options === null) return true
  const { signal, ref } = options as { signal?: unknown; ref?: unknown }
  const signals = signal === undefined || (typeof signal === 'object' && signal !== null && 'aborted' in signal)
  return !signals || (ref !== undefined && typeof ref !== 'boolean')
}

async function* ticks(
  global: typeof globalThis,
  delay: number | undefined,
  value: unknown,
  options: Options | undefined,
): AsyncGenerator<unknown, void> {
  const { signal } = options ?? {}
  if (isInvalid(delay, options) || signal?.aborted) {
    await real.setInterval(delay, value, options).next()
    return
  }
  let due = 0
  let wake: (() => void) | undefined
  const timer = global.setInterval(() => {
    due++
    wake?.()
  }, delay)
  const abort = () => wake?.()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    while (true) {
      if (due === 0 && !signal?.aborted) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      for (; due > 0; due--) yield value
      if (signal?.aborted) await aborted(signal)
    }
  } finally {
    global.clearInterval(timer)
    signal?.removeEventListener('abort', abort)
  }
}
