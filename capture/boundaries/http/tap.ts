import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { bytesOfChunk, type Enter, type ExchangeRequest, pairsOf, type ResponseHead } from '../../http-exchange.ts'
import { overlay } from '../../overlay.ts'
import { Chunks, type ResponseTape } from '../../response-tape.ts'
import { headersOf } from './effect.ts'

type Write = (...args: unknown[]) => unknown

/** One request of the program, watched from its creation. */
export class RequestTap {
  readonly request: ClientRequest
  readonly url: string
  /** Filled when the head is final. */
  readonly headers: (readonly [string, string])[] = []
  /** Resolves with the request in full: when the program has ended it, or given it up. */
  readonly complete: Promise<ExchangeRequest>
  readonly #enter: Enter
  readonly #chunks = new Chunks()
  #complete: ((request: ExchangeRequest) => void) | undefined
  #tape: ResponseTape | undefined

  constructor(request: ClientRequest, url: string, enter: Enter) {
    this.request = request
    this.url = url
    this.#enter = enter
    this.complete = new Promise(resolve => {
      this.#complete = resolve
    })
    this.#tapBody()
    this.#tapEvents()
  }

  /** Writes down from now on. */
  record(tape: ResponseTape): void {
    this.#tape = tape
  }

  #tapBody(): void {
    const target = this.request as unknown as { write: Write; end: Write; destroy: Write }
    for (const method of ['write', 'end'] as const) {
      overlay(target, method, original => (...args) => {
        const result = original.apply(
          this.request,
          args.map(arg => (typeof arg === 'function' ? this.#carried(arg as Write) : arg)),
        )
        const encoding = typeof args[1] === 'string' ? (args[1] as BufferEncoding) : undefined
        const bytes = typeof args[0] === 'function' ? undefined : bytesOfChunk(args[0], encoding)
        if (bytes && bytes.byteLength > 0 && this.#complete) this.#keep(bytes)
        if (method === 'end') this.#ended()
        return result
      })
    }
    overlay(target, 'destroy', original => (...args) => {
      this.#tape?.aborting()
      const result = original.apply(this.request, args)
      this.#ended()
      return result
    })
  }

  #keep(bytes: Uint8Array): void {
    if (this.#tape && !this.#tape.keeps(bytes)) return
    this.#chunks.add(bytes)
  }

  #ended(): void {
    if (!this.#complete) return
    this.headers.push(...headersOf(this.request))
    const body = this.#chunks.body(this.headers)
    const request: ExchangeRequest = { method: this.request.method, url: this.url, body }
    this.#tape?.asked(request)
    this.#complete(request)
    this.#complete = undefined
  }

  #carried(callback: Write): Write {
    return (...args) => this.#enter(() => callback(...args))
  }

  /** Events are seen in `emit`: a listener for `error` would hide an uncaught one. */
  #tapEvents(): void {
    let responded = false
    overlay(this.request as { emit: Write }, 'emit', original => (...args) => {
      if (args[0] === 'response') {
        responded = true
        this.#tapResponse(args[1] as IncomingMessage)
      }
      if (args[0] === 'information') this.#tape?.inform(headOf(args[1] as IncomingMessage))
      if (args[0] === 'socket') this.#watchSocket(args[1] as Socket)
      else if (args[0] === 'error') this.#tape?.fail(args[1])
      const result = this.#enter(() => original.apply(this.request, args))
      if (args[0] === 'close' && !responded) this.#tape?.fail(new Error('The request was closed.'))
      return result
    })
  }

  #watchSocket(socket: Socket & { secureConnecting?: boolean }): void {
    const tape = this.#tape
    if (!tape) return
    if (this.request.reusedSocket) tape.reused()
    if (socket.secureConnecting) socket.once('secureConnect', () => tape.sent())
    else if (socket.connecting) socket.once('connect', () => tape.sent())
    else tape.sent()
  }

  #tapResponse(response: IncomingMessage): void {
    const target = response as unknown as { emit: Write; push: Write; _destroy: Write }
    overlay(
      target,
      'emit',
      original =>
        (...args) =>
          this.#enter(() => original.apply(response, args)),
    )
    const tape = this.#tape
    if (!tape) return
    tape.head(headOf(response))
    // The parser calls `push`; watching it leaves the flowing mode alone.
    overlay(target, 'push', original => (...args) => {
      if (args[0] === null) tape.end(pairsOf(response.rawTrailers))
      else tape.chunk(args[0] as Uint8Array)
      return original.apply(response, args)
    })
    overlay(target, '_destroy', original => (...args) => {
      if (!response.complete) {
        if (!this.request.socket?.destroyed) tape.aborting()
        tape.fail(args[0] ?? new Error('aborted'))
      }
      return original.apply(response, args)
    })
  }
}

function headOf(response: IncomingMessage): ResponseHead {
  return {
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? '',
    httpVersion: response.httpVersion,
    headers: pairsOf(response.rawHeaders),
  }
}
