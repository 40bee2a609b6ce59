import { type Frame, runtime } from './runtime.ts'

let leaving: Frame | undefined
const apply = Reflect.apply

/**
 * Calls a function of the program in a frame. Node reports an uncaught exception after the stack has unwound, when the frame
 * is gone: {@link throwing} still knows it. Nothing is caught, so that the place Node prints stays the program's own.
 */
export function within<A extends unknown[], R>(frame: Frame, target: (...args: A) => R, self: unknown, args: A): R {
  let returned = false
  try {
    const result = runtime.frames.run(frame, apply, target, self, args) as R
    returned = true
    return result
  } finally {
    if (!returned) {
      leaving = frame
      queueMicrotask(() => {
        leaving = undefined
      })
    }
  }
}

/** The frame that an uncaught exception comes from, asked while Node reports it. */
export function throwing(): Frame | undefined {
  return runtime.frames.getStore() ?? leaving
}

/** Runs what Flux does for itself, so that no boundary sees it. */
export function outside<R>(task: () => R): R {
  const { ambient } = runtime
  return ambient ? runtime.frames.run({ ...ambient, inside: true }, task) : task()
}
