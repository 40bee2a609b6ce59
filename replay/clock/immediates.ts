import { AsyncResource } from 'node:async_hooks'
import nodeTimers from 'node:timers'
import { type Patches, runtime, within } from 'flux-capture/internal'
import type { Armed, Director } from './timers.ts'

type Callback = (...args: unknown[]) => unknown
type SetImmediate = (callback: Callback, ...args: unknown[]) => NodeJS.Immediate
type ClearImmediate = (immediate: NodeJS.Immediate | undefined) => void

/**
 * `setImmediate`, which orders work and measures no time: one that a recording has a place for runs at that place among the
 * events, any other when Node runs it.
 */
export function immediates(
  global: typeof globalThis,
  patches: Patches,
  { places, disarmed }: Pick<Director, 'places' | 'disarmed'>,
): void {
  const placed = new WeakMap<object, Armed>()
  const clear = global.clearImmediate as unknown as ClearImmediate
  patches.replace(global as unknown as { setImmediate: SetImmediate }, 'setImmediate', original => {
    return (callback, ...args) => {
      const frame = runtime.frames.getStore()
      if (!frame || typeof callback !== 'function') return original(callback, ...args)
      const resource = new AsyncResource('Immediate')
      const immediate: Armed = {
        delay: 0,
        repeats: false,
        frame,
        line: undefined,
        fire: () => resource.runInAsyncScope(() => void within(frame, callback, undefined, args)),
      }
      if (!places(immediate)) return original(callback, ...args)
      // What the program is given to clear is one of Node's own that will not run.
      const handle = original(() => {})
      clear(handle)
      placed.set(handle, immediate)
      return handle
    }
  })
  patches.replace(global as unknown as { clearImmediate: ClearImmediate }, 'clearImmediate', original => handle => {
    const immediate = typeof handle === 'object' && handle !== null ? placed.get(handle) : undefined
    if (immediate) disarmed(immediate)
    else original(handle)
  })
  for (const name of ['setImmediate', 'clearImmediate'] as const) {
    patches.replace(nodeTimers as unknown as Record<string, unknown>, name, () => global[name])
  }
}
