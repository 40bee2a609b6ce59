/** The only place that assigns to foreign objects. Undo restores every descriptor exactly, newest first. */
export class Patches {
  readonly #undo: (() => void)[] = []

  /** Replaces `target[key]`. A function keeps the name, length and own properties of the original. */
  replace<T extends object, K extends keyof T>(target: T, key: K, make: (original: T[K]) => T[K]): void {
    const own = Object.getOwnPropertyDescriptor(target, key)
    const original = target[key]
    const replacement = make(original)
    if (typeof original === 'function' && typeof replacement === 'function') resemble(replacement, original)
    const accessor = own?.get !== undefined || own?.set !== undefined
    this.define(target, key, {
      value: replacement,
      writable: accessor ? true : (own?.writable ?? true),
      enumerable: own?.enumerable ?? Object.getPrototypeOf(target) === null,
      configurable: own?.configurable ?? true,
    })
  }

  /** Defines `target[key]` with a descriptor of the caller's making. */
  define(target: object, key: PropertyKey, descriptor: PropertyDescriptor): void {
    const own = Object.getOwnPropertyDescriptor(target, key)
    Object.defineProperty(target, key, descriptor)
    this.#undo.push(() => {
      const current = Object.getOwnPropertyDescriptor(target, key)
      // Somebody patched on top of us: their undo, not ours, knows what to restore.
      if (current && (current.value !== descriptor.value || current.get !== descriptor.get)) return
      if (own) Object.defineProperty(target, key, own)
      else Reflect.deleteProperty(target, key)
    })
  }

  /** Runs `undo` when the patches are restored. */
  onRestore(undo: () => void): void {
    this.#undo.push(undo)
  }

  restore(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo()
  }
}

function resemble(replacement: object, original: object): void {
  for (const key of Reflect.ownKeys(original)) {
    if (key === 'prototype' || key === 'arguments' || key === 'caller') continue
    const descriptor = Object.getOwnPropertyDescriptor(original, key)
    if (descriptor) Reflect.defineProperty(replacement, key, descriptor)
  }
}
