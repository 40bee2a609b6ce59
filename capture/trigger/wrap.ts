import { types } from 'node:util'
import type { Run } from '../record/run.ts'
import { runtime } from '../runtime.ts'
import { within } from '../scope.ts'

type Callable = (...args: never[]) => unknown

const derive = Promise.prototype.then
const MAX_COPIED = 5000
const MAX_LEVELS = 50

/**
 * Makes each call of a function an execution: a job, a cron task, the handler of a message. Within an execution, in a replay
 * and without a recorder the function is called as it is.
 *
 * `this`, arguments, return value and exceptions pass through. A native promise comes back as one derived from it, settled
 * one microtask after it with the same value: any other way of watching a promise would count as handling its rejection,
 * and Node would no longer report one that nobody handles.
 *
 * @param name names the execution in recordings and tests; a literal
 */
export function wrap<F extends Callable>(name: string, fn: F): F {
  if (typeof name !== 'string' || name === '') throw new TypeError('flux.wrap needs a name')
  if (typeof fn !== 'function') throw new TypeError('flux.wrap needs a function')
  function wrapped(this: unknown, ...args: unknown[]): unknown {
    if (new.target) return Reflect.construct(fn, args, new.target === wrapped ? fn : new.target)
    const { recorder } = runtime
    const current = runtime.frames.getStore()
    if (!recorder || (current && !current.execution.closed)) return Reflect.apply(fn, this, args)
    return record(recorder.begin(subjectOf(name, args)), fn, this, args)
  }
  for (const key of ['name', 'length'] as const) {
    const descriptor = Object.getOwnPropertyDescriptor(fn, key)
    if (descriptor) Object.defineProperty(wrapped, key, descriptor)
  }
  return wrapped as unknown as F
}

function subjectOf(name: string, args: readonly unknown[]) {
  const given = args.map(argument => {
    try {
      return copyOf(argument, { left: MAX_COPIED })
    } catch {
      // A revoked or hostile proxy, or recursion too deep: the program's call goes on.
      return argument
    }
  })
  return { trigger: () => ({ kind: 'call' as const, name, args: given }), name: () => name, status: () => undefined }
}

function record(run: Run, fn: Callable, self: unknown, args: unknown[]): unknown {
  let result: unknown
  try {
    result = within(run.frame, fn, self, args as never[])
  } catch (error) {
    threw(run, error)
    throw error
  }
  if (!types.isPromise(result) || result.then !== derive) {
    run.end(() => ({ kind: 'returned', value: result }))
    return result
  }
  const derived = result.then(
    value => {
      run.end(() => ({ kind: 'returned', value }))
      return value
    },
    (error: unknown) => {
      threw(run, error)
      throw error
    },
  )
  return Object.defineProperties(derived, Object.getOwnPropertyDescriptors(result))
}

function threw(run: Run, error: unknown): void {
  run.execution.hear(error)
  run.fail('throw')
  run.end(() => ({ kind: 'threw', error }))
}

/** Plain data is copied, since a function may change its arguments; everything else stays a reference. */
function copyOf(value: unknown, budget: { left: number }, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_LEVELS || budget.left-- <= 0) return value
  if (types.isProxy(value)) return value
  if (Array.isArray(value)) {
    if (value.length > budget.left) return value
    return Array.from(value, item => copyOf(item, budget, depth + 1))
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const copy: Record<string, unknown> = {}
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (!descriptor.enumerable || !('value' in descriptor)) return value
    Object.defineProperty(copy, key, { ...descriptor, value: copyOf(descriptor.value, budget, depth + 1) })
  }
  return copy
}
