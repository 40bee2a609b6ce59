import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpRequest, HttpResponse, RawBody } from 'flux-fixtures'
import { type HeaderPairs, headerLines, pairsOf, valueOf } from '../http-exchange.ts'
import { overlay } from '../overlay.ts'
import { type Frame, runtime } from '../runtime.ts'
import { within } from '../scope.ts'
import { routeOf } from './route.ts'

/** The header by which a caller learns the id of the execution. */
export const EXECUTION_HEADER = 'x-flux-execution-id'

/** Hears how an exchange goes. Nothing here may throw. */
export interface ExchangeSink {
  /** Sent as `x-flux-execution-id`, unless undefined. */
  readonly id?: string | undefined
  /** Milliseconds since the execution began. */
  elapsed(): number
  /** Payload is being held; bytes, or characters where the program wrote text. */
  held(size: number): void
  /** The head of the response was written just now. */
  head(status: number): void
  /** The response is over; `answered` unless the connection went before the program had ended it. */
  closed(answered: boolean): void
}

type Method = (...args: unknown[]) => unknown

/** One request and its response, as references to what passed by. Everything is derived when asked for. */
export class Exchange {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #sink: ExchangeSink
  readonly #url: string
  readonly #received: Uint8Array[] = []
  readonly #receivedAt: number[] = []
  readonly #sent: (Uint8Array | string)[] = []
  readonly #sentAt: number[] = []
  #late = false
  /** HTTP status, once the head of the response was written. */
  status: number | undefined
  /** When the head was written, by the sink's clock. */
  headAt: number | undefined

  constructor(request: IncomingMessage, response: ServerResponse, sink: ExchangeSink) {
    this.#request = request
    this.#response = response
    this.#sink = sink
    // Routers rewrite `url` while they descend.
    this.#url = (request as { originalUrl?: string }).originalUrl ?? request.url ?? '/'
    this.#late = request.readableDidRead || request.readableLength > 0
  }

  received(chunk: unknown): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    if (!(bytes instanceof Uint8Array)) return
    this.#received.push(bytes)
    this.#receivedAt.push(this.#sink.elapsed())
    this.#sink.held(bytes.byteLength)
  }

  sent(chunk: unknown, encoding: unknown): void {
    if (typeof chunk === 'string') {
      if (chunk === '') return
      const plain = typeof encoding !== 'string' || encoding === 'utf8' || encoding === 'utf-8'
      this.#sent.push(plain ? chunk : Buffer.from(chunk, encoding as BufferEncoding))
      this.#sink.held(chunk.length)
    } else if (chunk instanceof Uint8Array && chunk.byteLength > 0) {
      this.#sent.push(chunk)
      this.#sink.held(chunk.byteLength)
    } else return
    this.#sentAt.push(this.#sink.elapsed())
  }

  head(): void {
    if (this.status !== undefined) return
    this.status = this.#response.statusCode
    this.headAt = this.#sink.elapsed()
    this.#sink.head(this.status)
  }

  get method(): string {
    return this.#request.method ?? 'GET'
  }

  /** Path and query, as received. */
  get url(): string {
    return this.#url
  }

  /** The route template of the framework, when it is known and whole. */
  get route(): string | undefined {
    return routeOf(this.#request, this.#url.split('?', 1)[0] ?? '')
  }

  /** Why the program destroyed the response, when it did. */
  get destroyedBy(): unknown {
    return this.#response.errored ?? undefined
  }

  request(): HttpRequest {
    const headers = pairsOf(this.#request.rawHeaders)
    const omitted = this.#late ? 'read before Flux saw the request' : undefined
    return {
      method: this.method,
      url: this.#url,
      httpVersion: this.#request.httpVersion,
      headers,
      body: bodyOf(headers, this.#received, this.#receivedAt, omitted),
    }
  }

  response(): HttpResponse {
    const headers = this.#headers()
    const status = this.status ?? this.#response.statusCode
    const silent = this.method === 'HEAD' || status === 204 || status === 304
    const chunks = silent ? [] : this.#sent.map(chunk => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk))
    return { status, headers, body: bodyOf(headers, chunks, silent ? [] : this.#sentAt) }
  }

  /** The head as it went out: Node keeps its text in `_header`. */
  #headers(): HeaderPairs {
    const text = (this.#response as { _header?: unknown })._header
    const all: HeaderPairs =
      typeof text === 'string'
        ? headerLines(text)
        : Object.entries(this.#response.getHeaders()).flatMap(([name, value]) =>
            (Array.isArray(value) ? value : [value]).map(one => [name, String(one)] as const),
          )
    return all.filter(([name]) => name.toLowerCase() !== EXECUTION_HEADER)
  }
}

function bodyOf(headers: HeaderPairs, raw: readonly Uint8Array[], at: readonly number[], omitted?: string): RawBody {
  const type = valueOf(headers, 'content-type')
  const encoding = valueOf(headers, 'content-encoding')
  return {
    raw,
    at,
    ...(type !== undefined && { type }),
    ...(encoding !== undefined && { encoding }),
    ...(omitted !== undefined && { omitted }),
  }
}

/**
 * Watches a request and its response on their way through the program: no listener, no change of flowing mode, nothing
 * buffered or delayed. What they emit runs in `frame`, because sockets have no part in an execution.
 */
export function observeExchange(
  request: IncomingMessage,
  response: ServerResponse,
  sink: ExchangeSink,
  frame?: Frame,
): Exchange {
  const exchange = new Exchange(request, response, sink)
  watchRequest(request, exchange)
  watchHead(response, exchange, sink.id)
  watchBody(response, exchange)
  watchEvents(request, frame)
  watchEvents(response, frame, () => sink.closed(response.writableEnded))
  return exchange
}

function watchRequest(request: IncomingMessage, exchange: Exchange): void {
  overlay(request, 'push', push => {
    return function (this: IncomingMessage, chunk: unknown, encoding?: BufferEncoding) {
      exchange.received(chunk)
      return push.call(this, chunk, encoding)
    }
  })
}

function watchHead(response: ServerResponse, exchange: Exchange, id: string | undefined): void {
  const writeHead = response.writeHead as unknown as Method
  function wrapped(this: ServerResponse, ...args: unknown[]): unknown {
    const sent = id === undefined || this.headersSent ? args : withHeader(this, args, id)
    const result = Reflect.apply(writeHead, this, sent)
    exchange.head()
    return result
  }
  overlay(response, 'writeHead', () => wrapped as ServerResponse['writeHead'])
}

/** `writeHead` treats its own headers differently once others are set: the id goes where the program's headers are. */
function withHeader(response: ServerResponse, args: unknown[], id: string): unknown[] {
  const last = args[args.length - 1]
  if (args.length < 2 || typeof last !== 'object' || last === null || response.getHeaderNames().length > 0) {
    response.setHeader(EXECUTION_HEADER, id)
    return args
  }
  const before = args.slice(0, -1)
  if (!Array.isArray(last)) return [...before, { ...last, [EXECUTION_HEADER]: id }]
  if (Array.isArray(last[0])) return [...before, [...last, [EXECUTION_HEADER, id]]]
  return [...before, [...last, EXECUTION_HEADER, id]]
}

function watchBody(response: ServerResponse, exchange: Exchange): void {
  for (const key of ['write', 'end'] as const) {
    const original = response[key] as unknown as Method
    function wrapped(this: ServerResponse, ...args: unknown[]): unknown {
      const open = !response.writableEnded && !response.destroyed
      const result = Reflect.apply(original, this, args)
      if (open) exchange.sent(args[0], args[1])
      return result
    }
    overlay(response, key, () => wrapped as ServerResponse['write'] & ServerResponse['end'])
  }
}

function watchEvents(emitter: IncomingMessage | ServerResponse, frame: Frame | undefined, closed?: () => void): void {
  const emit = emitter.emit as unknown as Method
  function wrapped(this: unknown, ...args: unknown[]): unknown {
    try {
      const current = frame && runtime.frames.getStore()
      if (!frame || (current?.execution === frame.execution && !current.inside)) return Reflect.apply(emit, this, args)
      return within(frame, emit, this, args)
    } finally {
      if (args[0] === 'close') closed?.()
    }
  }
  overlay(emitter as IncomingMessage, 'emit', () => wrapped as IncomingMessage['emit'])
}
