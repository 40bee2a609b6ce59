import type { Effect, Outcome, RawBody } from 'flux-fixtures'

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
  /** What came before the response proper: 100, 103. */
  readonly informational?: readonly ResponseHead[]
  /** It came, or broke off, over a connection that an earlier request had opened. Programs ask again then. */
  readonly reused?: true
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
