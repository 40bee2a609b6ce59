import { STATUS_CODES } from 'node:http'
import { decodeBody, type EncodedBody, isRawBody } from 'flux-fixtures'
import type { Answer } from './boundary.ts'
import { type BrokenResponse, type HeaderPairs, nextTurn, type ResponseHead } from './http-exchange.ts'

/** Chunks that one read brought. */
export interface Arrival {
  /** Milliseconds since the execution began; absent where there is but one chunk. */
  readonly at?: number
  readonly chunks: readonly Uint8Array[]
}

/** A recorded outcome, ready to be fed to a decoder. */
export interface Delivery {
  /** Absent where the exchange failed before a response. */
  readonly head?: ResponseHead
  /** What came before it. */
  readonly informational: readonly ResponseHead[]
  /** The body, in the order in which it came. */
  readonly arrivals: readonly Arrival[]
  readonly trailers: HeaderPairs
  /** What broke it, after what is above. */
  readonly failure?: { readonly error: unknown }
  /** The program gave up here: nothing follows that is known. */
  readonly aborted: boolean
  readonly reused: boolean
}

/**
 * Reads a recorded outcome. `content-length` is brought in line with the bytes that there are: sanitizing and compressing
 * again change their number. A body that was not kept is a failure.
 */
export function deliveryOf(outcome: Answer['outcome'], method: string): Delivery {
  const value = (outcome.value ?? {}) as BrokenResponse
  const failure = outcome.status === 'failed' ? { error: outcome.error } : undefined
  const aborted = failure !== undefined && value.aborted === true
  const { informational = [], reused = false } = value
  const nothing = { informational, arrivals: [], trailers: [], aborted, reused }
  if (value.status === undefined) return { ...nothing, ...(failure && { failure }) }
  let arrivals: readonly Arrival[]
  try {
    arrivals = arrivalsOf(value.body)
  } catch (error) {
    return { ...nothing, failure: { error } }
  }
  const bodiless = method === 'HEAD' || value.status === 204 || value.status === 304
  if (bodiless) arrivals = []
  const headers = value.headers ?? []
  const head: ResponseHead = {
    status: value.status,
    statusText: value.statusText ?? STATUS_CODES[value.status] ?? '',
    httpVersion: value.httpVersion ?? '1.1',
    headers: bodiless ? headers : measured(headers, arrivals, failure !== undefined),
  }
  return { head, informational, arrivals, trailers: value.trailers ?? [], aborted, reused, ...(failure && { failure }) }
}

function arrivalsOf(body: unknown): readonly Arrival[] {
  if (body === undefined || body === null) return []
  if (isRawBody(body) && body.omitted === undefined) {
    return joined(body.raw.map((bytes, index) => ({ bytes, at: body.at?.[index] })))
  }
  const { chunks: sizes = [], at = [] } = body as EncodedBody
  const chunks = decodeBody(body as EncodedBody)
  const total = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
  // A chunk whose content was sanitized away is none any more.
  let from = 0
  const left = sizes.flatMap((size, index) => {
    const gone = from >= total || (size === 0 && index < sizes.length - 1)
    from += size
    return gone ? [] : [at[index]]
  })
  return joined(chunks.map((bytes, index) => ({ bytes, at: left[index] })))
}

/** One arrival of the chunks that came at one moment. */
function joined(chunks: readonly { readonly bytes: Uint8Array; readonly at: number | undefined }[]): Arrival[] {
  const arrivals: (Arrival & { readonly chunks: Uint8Array[] })[] = []
  for (const { bytes, at } of chunks) {
    const last = arrivals.at(-1)
    if (bytes.byteLength === 0) continue
    if (last && at !== undefined && last.at === at) last.chunks.push(bytes)
    else arrivals.push({ ...(at !== undefined && { at }), chunks: [bytes] })
  }
  return arrivals
}

function measured(headers: HeaderPairs, arrivals: readonly Arrival[], broken: boolean): HeaderPairs {
  const bytes = sizeOf(arrivals)
  return headers.map(([name, value]) => {
    if (name.toLowerCase() !== 'content-length' || Number(value) === bytes) return [name, value]
    // A body that broke off is shorter than it was said to be.
    if (broken) return Number(value) > bytes ? [name, value] : [name, String(bytes + 1)]
    return [name, String(bytes)]
  })
}

/** Resolves when it is time for an arrival. */
export function momentOf({ at }: Arrival, answer: Answer): Promise<void> {
  return at === undefined ? nextTurn() : answer.until(at)
}

/** What Node reads of a socket at a time. */
const ONE_READ = 65_536

/**
 * Whether one read brought a response from its head to its end. It is told in one go then: a decoder that finds fault with
 * its body does so after the end.
 */
export function isWhole({ failure, arrivals }: Delivery, answer: Answer): boolean {
  return !failure && answer.isWhole === true && sizeOf(arrivals) <= ONE_READ
}

function sizeOf(arrivals: readonly Arrival[]): number {
  return arrivals.flatMap(({ chunks }) => chunks).reduce((sum, { byteLength }) => sum + byteLength, 0)
}
