import { EventEmitter } from 'node:events'
import type { Patches } from './patch.ts'

type Init = (this: EventEmitter, ...args: unknown[]) => void
interface Interest {
  readonly matches: (prototype: object) => boolean
  readonly install: (prototype: object) => void
}

/**
 * Finds the classes of drivers by what their prototypes own, when the first instance is made: `EventEmitter.init` runs
 * during `super()`, with the prototype in place. It works in bundles, nested copies, ES modules and jest's sandbox, where
 * hooks on module loading do not.
 */
export class Discovery {
  readonly #interests: Interest[] = []
  readonly #seen = new WeakSet<object>()

  constructor(patches: Patches) {
    const look = (emitter: object) => this.#look(emitter)
    patches.replace(EventEmitter as unknown as { init: Init }, 'init', original => {
      return function (this: EventEmitter, ...args: unknown[]) {
        look(this)
        return original.apply(this, args)
      }
    })
  }

  on(matches: Interest['matches'], install: Interest['install']): void {
    this.#interests.push({ matches, install })
  }

  #look(emitter: object): void {
    for (
      let prototype = Object.getPrototypeOf(emitter);
      prototype && prototype !== EventEmitter.prototype && !this.#seen.has(prototype);
      prototype = Object.getPrototypeOf(prototype)
    ) {
      this.#seen.add(prototype)
      for (const { matches, install } of this.#interests) if (matches(prototype)) install(prototype)
    }
  }
}
