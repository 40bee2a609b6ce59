import type { Host } from '../../boundary.ts'
import type { Client, ConnectCallback, Pool } from './driver.ts'
import { connectEffect } from './effect.ts'
import { Wire } from './wire.ts'

/** Opens connections, or pretends to; keeps what pools call in the context it belongs to. */
export class Connecting {
  readonly #host: Host
  /** Runs outside any execution. */
  readonly #outside: (run: () => void) => void
  /** Set while a pool makes a client. */
  #pooling = false

  constructor(host: Host) {
    this.#host = host
    this.#outside = host.carry((run: () => void) => run())
  }

  installClient(prototype: Client): void {
    const connect = (client: Client, original: Client['_connect'], done: ConnectCallback) => {
      if (client._connecting || client._connected) return original.call(client, done)
      this.#host.cross<void>({
        effect: connectEffect(client.database),
        implied: true,
        blank: { status: 'returned', value: null },
        perform(observer) {
          original.call(client, function (this: unknown, error, ...rest) {
            observer.settled(error ? { status: 'failed', error } : { status: 'returned', value: null })
            done.call(this, error, ...rest)
          })
        },
        answer(reply) {
          const { connection } = client
          connection.stream = new Wire(reply.answer(), error => connection.emit('errorMessage', error))
          connection.ssl = false
          client.ssl = false
          original.call(client, done)
        },
      })
    }
    const carried = (callback: ConnectCallback) => this.#carry(callback)
    this.#host.patch(prototype, '_connect', original => {
      return function (this: Client, callback) {
        connect(this, original, carried(callback ?? (error => void (error && this.emit('error', error)))))
      }
    })
  }

  installPool(prototype: Pool & { newClient?(item: unknown): void }): void {
    const { carry } = this.#host
    this.#host.patch(prototype, 'connect', original => {
      return function (this: Pool, callback) {
        return original.call(this, typeof callback === 'function' ? carry(callback, true) : callback)
      }
    })
    const pooling = (make: () => void) => this.#whilePooling(make)
    this.#host.patch(prototype, 'newClient', original => {
      return function (this: Pool, item: unknown) {
        pooling(() => original?.call(this, item))
      }
    })
  }

  #whilePooling(make: () => void): void {
    const before = this.#pooling
    this.#pooling = true
    try {
      make()
    } finally {
      this.#pooling = before
    }
  }

  /**
   * What a pool does with a fresh client (its `connect` event, `onConnect`) is nobody's: the next execution finds the client
   * warm. The waiter that gets the client was carried by itself.
   */
  #carry(callback: ConnectCallback): ConnectCallback {
    if (!this.#pooling) return this.#host.carry(callback)
    const outside = this.#outside
    return function (this: unknown, ...args) {
      outside(() => callback.apply(this, args))
    }
  }
}
