import type { Boundary } from '../../boundary.ts'

const LEVELS = ['debug', 'info', 'log', 'warn', 'error'] as const
const STOPWATCHES = ['time', 'timeEnd', 'timeLog'] as const

/** What the program logs through `console`. The clocks that a console reads for that are its own business. */
export const boundary: Boundary = {
  name: 'console',
  supports: {},
  install(host) {
    const { console } = host.realm.global
    // That of a jest sandbox lives outside of it, where it reads none of the program's clocks, and shows who called it.
    if (host.realm.global !== globalThis) return
    for (const level of LEVELS) {
      host.patch(console, level, original => {
        return function (this: Console, ...args: unknown[]) {
          host.log(level, args)
          return host.inside(() => original.apply(this, args))
        }
      })
    }
    host.patch(console, 'dir', original => {
      return function (this: Console, ...args) {
        return host.inside(() => original.apply(this, args))
      }
    })
    // These log through the methods above.
    for (const name of STOPWATCHES) {
      host.patch(console, name, original => {
        return function (this: Console, ...args: [string?, ...unknown[]]) {
          return host.library(() => original.apply(this, args))
        }
      })
    }
  },
}
