import { EventEmitter } from 'node:events'
import type { Answer } from '../../boundary.ts'
import type { Notice } from './driver.ts'
import * as message from './message.ts'
import { isConnectionError, isServerError, type QueryValue, type Status } from './outcome.ts'

/** One query on the wire, from its first message to ReadyForQuery. */
interface Exchange {
  readonly answer: Promise<Answer> | undefined
  asked: boolean
  parses: boolean
  /** The driver waits for ReadyForQuery. */
  synced: boolean
  /** Rows wanted by the last Execute; 0 for all. */
  limit: number
  /** What is still to be said; absent until the answer is there. */
  script?: Line[]
}

/** Bytes, or what happens to the connection instead. */
type Line = { readonly bytes: Buffer; readonly row?: true } | { readonly act: () => void }

const STARTUP = [message.authenticationOk, message.backendKeyData, message.readyForQuery('I')] as const

/**
 * Stands for the socket of a client that is answered from a recording. It speaks the server's side of the protocol to the
 * driver, so that the driver's own parser, types and pool run unchanged; it never opens anything.
 */
export class Wire extends EventEmitter {
  writable = true
  readonly #connected: Promise<Answer>
  /** Hands the driver an error that no bytes can express. */
  readonly #raise: (error: unknown) => void
  #refusal: unknown
  #started = false
  #saying = false
  readonly #unsaid: Buffer[] = []
  #closed = false
  #status: Status = 'I'
  #next: Promise<Answer> | undefined
  #exchange: Exchange | undefined

  constructor(connected: Promise<Answer>, raise: (error: unknown) => void) {
    super()
    this.#connected = connected
    this.#raise = raise
  }

  /** What answers the query that the driver submits now; nothing when nobody asked on behalf of an execution. */
  submitting(answer: Promise<Answer> | undefined): void {
    this.#next = answer
  }

  connect(): this {
    this.#after(this.#connected, ({ outcome }) => {
      if (outcome.status === 'failed' && !isServerError(outcome.error)) return this.#break(outcome.error)
      if (outcome.status === 'failed') this.#refusal = outcome.error
      this.emit('connect')
    })
    return this
  }

  write(data: Uint8Array, ...rest: unknown[]): boolean {
    const written = rest.find(argument => typeof argument === 'function')
    if (written) process.nextTick(written as () => void)
    if (this.#started) this.#hear(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
    else this.#start()
    return true
  }

  end(): this {
    this.writable = false
    process.nextTick(() => this.#close())
    return this
  }

  destroy(error?: unknown): this {
    this.writable = false
    process.nextTick(() => (error ? this.#break(error) : this.#close()))
    return this
  }

  cork(): void {}
  uncork(): void {}
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  setTimeout(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }

  #start(): void {
    this.#started = true
    if (this.#refusal === undefined) return this.#say(...STARTUP)
    this.#say(message.notice('E', this.#refusal as Notice))
    this.end()
  }

  #hear(data: Buffer): void {
    for (let at = 0; at + 5 <= data.length; at += 1 + data.readInt32BE(at + 1)) {
      const body = data.subarray(at + 5, at + 1 + data.readInt32BE(at + 1))
      this.#on(String.fromCharCode(data[at] ?? 0), body)
    }
  }

  /** https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY */
  #on(type: string, body: Buffer): void {
    switch (type) {
      case 'Q':
        Object.assign(this.#current(), { asked: true, synced: true })
        return this.#go()
      case 'P':
        this.#current().parses = true
        return
      case 'E':
        Object.assign(this.#current(), { asked: true, limit: body.readUInt32BE(body.length - 4) })
        return
      case 'S':
        this.#current().synced = true
        return this.#go()
      case 'H':
        return this.#go()
      default:
        return
    }
  }

  #current(): Exchange {
    this.#exchange ??= { answer: this.#next, asked: false, parses: false, synced: false, limit: 0 }
    return this.#exchange
  }

  #go(): void {
    const exchange = this.#current()
    if (exchange.script) return this.#recite(exchange)
    // Nothing was executed: the driver failed on its own, say in serialising a parameter, and wants to resynchronise.
    if (!exchange.asked) exchange.script = [{ bytes: message.closeComplete }]
    else if (!exchange.answer) exchange.script = [{ act: () => this.#raise(unasked()) }]
    if (exchange.script) return process.nextTick(() => this.#recite(exchange))
    this.#after(exchange.answer as Promise<Answer>, ({ outcome }) => {
      if (this.#exchange !== exchange || this.#closed) return
      exchange.script = this.#script(outcome, exchange)
      this.#recite(exchange)
    })
  }

  #script(outcome: Answer['outcome'], exchange: Exchange): Line[] {
    const value = outcome.value as QueryValue | undefined
    const script: Line[] = []
    const say = (bytes: Buffer) => script.push({ bytes })
    for (const notice of value?.notices ?? []) say(message.notice('N', notice))
    if (exchange.parses && value?.parsed !== false) say(message.parseComplete)
    for (const { command, fields, rows } of value?.results ?? []) {
      if (fields) say(message.rowDescription(fields))
      for (const row of rows) script.push({ bytes: message.dataRow(row), row: true })
      if (command !== null) say(command === '' ? message.emptyQuery : message.commandComplete(command))
    }
    if (value) this.#status = value.status
    if (outcome.status === 'failed') script.push(...this.#failure(outcome.error))
    return script
  }

  #failure(error: unknown): Line[] {
    if (isServerError(error)) {
      const fatal = error.severity === 'FATAL' || error.severity === 'PANIC'
      const bytes = message.notice('E', error)
      return fatal ? [{ bytes }, { act: () => this.#close() }] : [{ bytes }]
    }
    return [{ act: () => (isConnectionError(error) ? this.#break(error) : this.#raise(error)) }]
  }

  /** Says what is left of the script, at most as many rows as were asked for. */
  #recite(exchange: Exchange): void {
    const script = exchange.script ?? []
    const chunk: Buffer[] = []
    let rows = 0
    for (let line = script[0]; line; line = script[0]) {
      if ('act' in line) {
        script.shift()
        this.#say(...chunk.splice(0))
        line.act()
        if (this.#closed) return
        continue
      }
      if (line.row && exchange.limit > 0 && rows++ === exchange.limit) {
        chunk.push(message.portalSuspended)
        return this.#say(...chunk)
      }
      chunk.push(line.bytes)
      script.shift()
    }
    if (!exchange.synced) return this.#say(...chunk)
    this.#exchange = undefined
    this.#say(...chunk, message.readyForQuery(this.#status))
  }

  /** The driver's parser does not bear data while it hands out a message: what is said meanwhile waits. */
  #say(...chunk: readonly Buffer[]): void {
    this.#unsaid.push(...chunk)
    if (this.#saying) return
    this.#saying = true
    try {
      while (this.#unsaid.length > 0 && !this.#closed) this.emit('data', Buffer.concat(this.#unsaid.splice(0)))
    } finally {
      this.#saying = false
    }
  }

  /** The connection is lost. The driver itself says so where there is no error of the socket's. */
  #break(error: unknown): void {
    if (this.#closed) return
    const { message: text } = error as { message?: unknown }
    if (typeof text !== 'string' || !text.startsWith('Connection terminated')) this.emit('error', error)
    this.#close()
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    this.writable = false
    this.emit('end')
    this.emit('close')
  }

  /** What throws in a listener is the program's own, and uncaught as it would be below a socket. */
  #after(answer: Promise<Answer>, deliver: (answer: Answer) => void): void {
    answer.then(deliver).catch((error: unknown) => {
      process.nextTick(() => {
        throw error
      })
    })
  }
}

function unasked(): Error {
  const error = new Error('A query on a connection of a replay was asked outside of any execution.')
  return Object.assign(error, { code: 'FLUX_LEAK' })
}
