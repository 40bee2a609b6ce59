import { STATUS_CODES } from 'node:http'
import { decodeBody, type Effect, type EncodedBody, isRawBody, type Outcome, type RawBody } from 'flux-fixtures'
import type { Answer, Observer } from './boundary.ts'

/** Runs a step at the caller's place in its execution. */
export type Enter = (step: () => unknown) => unknown

/** Name and value pairs in wire order, names as sent. */
export type HeaderPairs = readonly (readonly [string, string])[]

/** What is compared of a request. The same for every boundary of the kind `http`. */
export interface ExchangeRequest {
  readonly method: string
  /** Absolute, with its query. */
  readonly url: string
  /** No bytes where there is no body. */
  readonly body: RawBody
}

export interface ResponseHead {
  readonly status: number
  readonly statusText: string
  readonly httpVersion: string
  readonly headers: HeaderPairs
}

/** The value of a returned outcome. `body` is a `RawBody` in memory and an encoded body at rest. */
export interface ExchangeResponse extends ResponseHead {
  readonly body: unknown
  readonly trailers?: HeaderPairs
}

/** The value of a failed outcome: what had arrived, and whether the program itself gave up. */
export type BrokenResponse = Partial<ExchangeResponse> & { readonly aborted?: true }

/** An empty answer. */
export const BLANK: Outcome & { status: 'returned' } = {
  status: 'returned',
  value: { status: 204, statusText: 'No Content', httpVersion: '1.1', headers: [], body: { raw: [] } },
}

/** The effect of a request. `body` is left out where it is not known at the call. */
export function exchangeEffect(
  boundary: string,
  request: Pick<ExchangeRequest, 'method' | 'url'> & { readonly body?: RawBody },
  headers: HeaderPairs,
): Effect {
  const address = request.url.split(/[?#]/, 1)[0]
  return {
    boundary,
    kind: 'http',
    operation: 'request',
    target: `${request.method} ${address}`,
    request,
    detail: { headers },
    write: !/^(GET|HEAD|OPTIONS)$/.test(request.method),
  }
}

/** One for all: making an error takes a stack, for each response. */
const UNFINISHED = new Error('The execution ended before this response did.')
UNFINISHED.stack = String(UNFINISHED)

/** Chunks of one body, by reference. */
export class Chunks {
  /** Whether the time of each chunk is kept. */
  readonly timed: boolean
  readonly #raw: Uint8Array[] = []
  readonly #at: number[] = []
  /** Why the bytes are not known. */
  omitted: string | undefined

  constructor(timed = false) {
    this.timed = timed
  }

  /** @param at milliseconds since the execution began */
  add(chunk: Uint8Array, at?: number): void {
    this.#raw.push(chunk)
    if (at !== undefined) this.#at.push(at)
  }

  body(headers: HeaderPairs): RawBody {
    if (this.omitted !== undefined) return { raw: [], omitted: this.omitted }
    const type = valueOf(headers, 'content-type')
    const encoding = valueOf(headers, 'content-encoding')
    return {
      raw: this.#raw,
      ...(type !== undefined && { type }),
      ...(encoding !== undefined && { encoding }),
      ...(this.timed && { at: this.#at }),
    }
  }
}

/** Writes down how one response goes, whatever library it comes through. */
export class ResponseTape {
  readonly #observer: Observer
  readonly #chunks = new Chunks(true)
  /** The head and its body, which grows in place. */
  #arrived: Partial<ExchangeResponse> = {}
  #aborted = false

  constructor(observer: Observer) {
    this.#observer = observer
  }

  asked(request: ExchangeRequest): void {
    this.#observer.asked(request)
  }

  /** Whether bytes of the request are to be held. */
  keeps(bytes: Uint8Array): boolean {
    return this.#observer.keep(bytes.byteLength) !== undefined
  }

  sent(): void {
    this.#observer.sent()
  }

  head(head: ResponseHead): void {
    this.#arrived = { ...head, body: this.#chunks.body(head.headers) }
    const value: BrokenResponse = { ...this.#arrived, aborted: true }
    this.#observer.began({ status: 'failed', error: UNFINISHED, value })
  }

  chunk(bytes: Uint8Array): void {
    const at = this.#observer.keep(bytes.byteLength)
    if (at !== undefined) this.#chunks.add(bytes, at)
  }

  end(trailers: HeaderPairs): void {
    const value = { ...this.#arrived, ...(trailers.length > 0 && { trailers }) }
    this.#observer.settled({ status: 'returned', value })
  }

  /** The program gives up: the failure that follows is its own doing. */
  aborting(): void {
    this.#aborted = true
  }

  /** Only the first failure, and none after the end, is noted. */
  fail(error: unknown): void {
    const value: BrokenResponse = { ...this.#arrived, ...(this.#aborted && { aborted: true }) }
    this.#observer.settled({ status: 'failed', error, ...(Object.keys(value).length > 0 && { value }) })
  }
}

/** A recorded outcome, ready to be fed to a decoder. */
export interface Delivery {
  /** Absent where the exchange failed before a response. */
  readonly head?: ResponseHead
  readonly chunks: readonly Uint8Array[]
  readonly trailers: HeaderPairs
  /** What broke it, after what is above. */
  readonly failure?: { readonly error: unknown }
  /** The program gave up here: nothing follows that is known. */
  readonly aborted: boolean
}

/**
 * Reads a recorded outcome. `content-length` is brought in line with the bytes that there are: sanitizing and compressing
 * again change their number. A body that was not kept is a failure.
 */
export function deliveryOf(outcome: Answer['outcome'], method: string): Delivery {
  const value = (outcome.value ?? {}) as BrokenResponse
  const failure = outcome.status === 'failed' ? { error: outcome.error } : undefined
  const aborted = failure !== undefined && value.aborted === true
  const nothing = { chunks: [], trailers: [], aborted }
  if (value.status === undefined) return { ...nothing, ...(failure && { failure }) }
  let chunks: readonly Uint8Array[]
  try {
    chunks = bytesOf(value.body)
  } catch (error) {
    return { ...nothing, failure: { error } }
  }
  const bodiless = method === 'HEAD' || value.status === 204 || value.status === 304
  if (bodiless) chunks = []
  const headers = value.headers ?? []
  const head: ResponseHead = {
    status: value.status,
    statusText: value.statusText ?? STATUS_CODES[value.status] ?? '',
    httpVersion: value.httpVersion ?? '1.1',
    headers: bodiless ? headers : measured(headers, chunks, failure !== undefined),
  }
  return { head, chunks, trailers: value.trailers ?? [], aborted, ...(failure && { failure }) }
}

function bytesOf(body: unknown): readonly Uint8Array[] {
  if (body === undefined || body === null) return []
  if (isRawBody(body) && body.omitted === undefined) return body.raw.filter(chunk => chunk.byteLength > 0)
  return decodeBody(body as EncodedBody)
}

function measured(headers: HeaderPairs, chunks: readonly Uint8Array[], broken: boolean): HeaderPairs {
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
  return headers.map(([name, value]) => {
    if (name.toLowerCase() !== 'content-length' || Number(value) === bytes) return [name, value]
    // A body that broke off is shorter than it was said to be.
    if (broken) return Number(value) > bytes ? [name, value] : [name, String(bytes + 1)]
    return [name, String(bytes)]
  })
}

/** The first value of a header, by its lower-case name. */
export function valueOf(headers: HeaderPairs, name: string): string | undefined {
  return headers.find(header => header[0].toLowerCase() === name)?.[1]
}

/** `[name, value, name, value]`, as Node and undici have raw headers, in pairs. */
export function pairsOf(flat: readonly unknown[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const value = flat[at + 1]
    for (const single of Array.isArray(value) ? value : [value]) pairs.push([textOf(flat[at]), textOf(single)])
  }
  return pairs
}

/** The header lines of a message's head, as Node keeps it in `_header`; the first line is no header. */
export function headerLines(head: string): [string, string][] {
  const lines = head.split('\r\n').slice(1)
  return lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':')
    return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1).trim()]] : []
  })
}

/** Header bytes are latin1: https://www.rfc-editor.org/rfc/rfc9110#section-5.5 */
function textOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)
}

/** The bytes that a program's chunk stands for. */
export function bytesOfChunk(chunk: unknown, encoding?: BufferEncoding): Uint8Array | undefined {
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding)
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  return undefined
}

const immediate = setImmediate

/** Resolves in the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise(resolve => immediate(resolve))
}
