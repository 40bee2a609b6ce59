import { Duplex } from 'node:stream'
import type { Realm } from '../../boundary.ts'

const immediate = setImmediate

/** A socket that leads nowhere: takes what is written, and gives out what is pushed. */
export class ReplaySocket extends Duplex {
  readonly #realm: Realm
  #timer: ReturnType<typeof setTimeout> | undefined
  connecting = true
  readonly encrypted: true | undefined
  readonly authorized: boolean
  readonly authorizationError = null
  readonly alpnProtocol = false
  timeout = 0
  bytesRead = 0
  bytesWritten = 0

  constructor(realm: Realm, secure: boolean) {
    super({ allowHalfOpen: false, emitClose: false })
    this.#realm = realm
    this.encrypted = secure ? true : undefined
    this.authorized = secure
    // Node takes its own listeners off when the response is over.
    this.on('error', () => {})
    // Free for another request: there is none.
    this.on('free', () => this.destroy())
  }

  /** Emits what a connection emits when it is made. */
  connected(): void {
    if (!this.connecting || this.destroyed) return
    this.connecting = false
    this.emit('connect')
    this.emit('ready')
    if (this.encrypted) this.emit('secureConnect')
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.bytesWritten += chunk.length
    this.#rearm()
    done()
  }

  /** An error is told at once; the handle is closed in a later turn. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#disarm()
    done(error)
    immediate(() => this.emit('close', error !== null))
  }

  /** Gives out bytes as if they had arrived. */
  arrive(bytes: Uint8Array): void {
    this.bytesRead += bytes.length
    this.#rearm()
    this.push(bytes)
  }

  /** Idle time, on the clock of the program. */
  setTimeout(milliseconds: number, callback?: () => void): this {
    this.timeout = milliseconds
    if (callback && milliseconds > 0) this.once('timeout', callback)
    else if (callback) this.removeListener('timeout', callback)
    this.#rearm()
    return this
  }

  #rearm(): void {
    this.#disarm()
    if (this.timeout <= 0 || this.destroyed) return
    this.#timer = this.#realm.global.setTimeout(() => this.emit('timeout'), this.timeout)
    this.#timer.unref?.()
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#realm.global.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  get readyState(): string {
    return this.connecting ? 'opening' : this.destroyed ? 'closed' : 'open'
  }

  get pending(): boolean {
    return this.connecting
  }

  destroySoon(): void {
    this.end(() => this.destroy())
  }

  resetAndDestroy(): this {
    return this.destroy()
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  address(): object {
    return {}
  }

  getPeerCertificate(): object {
    return {}
  }

  getCertificate(): object {
    return {}
  }

  getCipher(): undefined {
    return undefined
  }

  getProtocol(): string | null {
    return this.encrypted ? 'TLSv1.3' : null
  }

  getSession(): undefined {
    return undefined
  }

  isSessionReused(): boolean {
    return false
  }
}
