import type { arm } from 'flux-replay/runner'

type Patches = ReturnType<typeof arm>['installation']['patches']
type Class = abstract new (...args: never[]) => object

const ERRORS = [
  'Error',
  'AggregateError',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
] as const
/** What Node gives a program: parsed bodies, promises, the times of a file. */
const VALUES = ['Object', 'Array', 'Date', 'Map', 'Set', 'Promise', 'RegExp'] as const

/**
 * A jest sandbox has its own built-in classes, and Node's modules keep those of the process. In production they are the
 * same: there the `TypeError` of a failed fetch is one, and fetch takes a recorded error for an error. So `instanceof`
 * takes an instance of either for one, in the sandbox for whatever Node makes, outside of it for errors.
 */
export function shareClasses(sandbox: object, patches: Patches): void {
  for (const name of [...ERRORS, ...VALUES]) share(classIn(sandbox, name), classIn(globalThis, name), patches)
  for (const name of ERRORS) share(classIn(globalThis, name), classIn(sandbox, name), patches)
}

function classIn(realm: object, name: string): Class {
  return Reflect.get(realm, name) as Class
}

/** What extends the class inherits the property, and stays as it is. */
function share(own: Class, other: Class, patches: Patches): void {
  if (own === other) return
  const ordinary = Function.prototype[Symbol.hasInstance]
  const { prototype } = own
  patches.define(own, Symbol.hasInstance, {
    value(this: Class, candidate: unknown): boolean {
      if (ordinary.call(this, candidate)) return true
      return this.prototype === prototype && ordinary.call(other, candidate)
    },
    configurable: true,
    enumerable: false,
    writable: true,
  })
}
