import type { Boundary } from '../../boundary.ts'

const LEVELS = ['debug', 'info', 'log', 'warn', 'error'] as const

/** What the program logs through `console`. */
export const boundary: Boundary = {
  name: 'console',
  supports: {},
  answersNothing: true,
  install(host) {
    const { console } = host.realm.global
    for (const level of LEVELS) {
      host.patch(console, level, original => {
        return function (this: Console, ...args: unknown[]) {
          host.log(level, args)
          return original.apply(this, args)
        }
      })
    }
  },
}
