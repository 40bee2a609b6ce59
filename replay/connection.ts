import type { Server } from 'node:http'
import { Duplex } from 'node:stream'

type Timers = Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'>

/** The server's end of a connection that exists only in memory: one request comes in, what goes out is let go. */
export class Connection extends Duplex {
  readonly #timers: Timers
  #timer: ReturnType<typeof setTimeout> | undefined
  timeout = 0
  /** Node's http code tells it of a time-out. */
  server: Server | undefined

  /**
   * @param sent everything that the client sends
   * @param timers those of the program, by which it is idle
   */
  constructor(sent: Buffer, timers: Timers) {
    super()
    this.#timers = timers
    this.push(sent)
  }

  /** Idle time, in milliseconds; none when 0. Emits `timeout` and does nothing else about it. */
  setTimeout(milliseconds: number, callback?: () => void): this {
    this.timeout = milliseconds
    if (callback && milliseconds > 0) this.once('timeout', callback)
    else if (callback) this.removeListener('timeout', callback)
    this.#rearm()
    return this
  }

  /** The server whose idle time it has, and which hears that it was idle. */
  belongTo(server: Server): void {
    this.server = server
    if (server.timeout > 0) this.setTimeout(server.timeout)
  }

  /** What else Node's http code expects of a socket. */
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
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort = 0
  readonly remoteFamily = 'IPv4'

  override _read(): void {}

  override _write(_chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#rearm()
    callback()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#disarm()
    done(error)
  }

  #rearm(): void {
    this.#disarm()
    if (this.timeout <= 0 || this.destroyed) return
    this.#timer = this.#timers.setTimeout(() => this.emit('timeout'), this.timeout)
    this.#timer.unref?.()
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#timers.clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
