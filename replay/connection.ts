import { Duplex } from 'node:stream'

/** The server's end of a connection that exists only in memory: one request comes in, what goes out is let go. */
export class Connection extends Duplex {
  /** @param sent everything that the client sends */
  constructor(sent: Buffer) {
    super()
    this.push(sent)
  }

  /** What Node's http code expects of a socket. */
  setTimeout(): this {
    return this
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
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort = 0
  readonly remoteFamily = 'IPv4'

  override _read(): void {}

  override _write(_chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    callback()
  }
}
