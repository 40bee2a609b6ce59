import type { Boundary } from '../../boundary.ts'

/** Reads of `process.env`. Writes, deletes and enumeration go to the real object. */
export const boundary: Boundary = {
  name: 'env',
  supports: {},
  install(host) {
    host.patch(host.realm.process, 'env', original => {
      return new Proxy(original, {
        get(target, key, receiver) {
          const real = Reflect.get(target, key, receiver) as string | undefined
          return typeof key === 'string' && isVariable(key) ? host.variable(key, real) : real
        },
        has(target, key) {
          if (typeof key !== 'string' || !isVariable(key)) return Reflect.has(target, key)
          return host.variable(key, target[key]) !== undefined
        },
        set: (target, key, value) => Reflect.set(target, key, value),
        defineProperty: (target, key, descriptor) => Reflect.defineProperty(target, key, descriptor),
      })
    })
  },
}

/** Methods of Object.prototype are read through the proxy too; names of a runner or of Flux are not the program's. */
function isVariable(key: string): boolean {
  return !(key in Object.prototype) && !/^(FLUX|VITEST|JEST)(_|$)/.test(key)
}
