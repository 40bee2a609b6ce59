import { Duplex } from 'node:stream'

/** Two ends of a connection that exists only in memory. `stream.duplexPair` needs Node 22.6. */
export function duplexPair(): [Duplex, Duplex] {
  const left = new Side()
  const right = new Side()
  left.other = right
  right.other = left
  return [left, right]
}

class Side extends Duplex {
  other: Side | undefined
  #resume: (() => void) | undefined

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

  override _read(): void {
    const resume = this.#resume
    this.#resume = undefined
    resume?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    const other = this.other as Side
    if (chunk.length === 0 || other.destroyed) return callback()
    if (other.push(chunk)) return callback()
    other.#resume = callback
  }

  override _final(callback: () => void): void {
    if (this.other && !this.other.destroyed) this.other.push(null)
    callback()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (this.other && !this.other.destroyed) this.other.push(null)
    callback(error)
  }
}
