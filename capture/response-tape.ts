import type { RawBody } from 'flux-fixtures'
import type { Observer } from './boundary.ts'
import {
  type BrokenResponse,
  type ExchangeRequest,
  type ExchangeResponse,
  type HeaderPairs,
  type ResponseHead,
  valueOf,
} from './http-exchange.ts'

const afterStack = queueMicrotask

/** One for all: making an error takes a stack, for each response. */
const UNFINISHED = new Error('The execution ended before this response did.')
UNFINISHED.stack = String(UNFINISHED)

const NOTHING = new Uint8Array()
/** A head and a chunk closer to each other are taken for one read. */
const APART_MS = 1

/** A server may send as many as it likes. */
const MAX_INFORMATIONAL = 10

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

  /** A body at rest has moments from two chunks on: before a single one that came late stands an empty one. */
  place(headAt: number | undefined): void {
    const [at] = this.#at
    if (this.#raw.length !== 1 || at === undefined || headAt === undefined || at - headAt < APART_MS) return
    this.#raw.unshift(NOTHING)
    this.#at.unshift(headAt)
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
  /** When what is being read arrived: one read may bring several chunks, which readers see as one. */
  #reading: number | undefined
  /** The head and its body, which grows in place. */
  #arrived: Partial<ExchangeResponse> = {}
  #headAt: number | undefined
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

  /** The request goes over a connection that an earlier one had opened. */
  reused(): void {
    this.#arrived = { ...this.#arrived, reused: true }
  }

  inform(head: ResponseHead): void {
    const { informational = [] } = this.#arrived
    if (informational.length < MAX_INFORMATIONAL) {
      this.#arrived = { ...this.#arrived, informational: [...informational, head] }
    }
  }

  head(head: ResponseHead): void {
    this.#headAt = this.#observer.keep(0)
    this.#arrived = { ...this.#arrived, ...head, body: this.#chunks.body(head.headers) }
    const value: BrokenResponse = { ...this.#arrived, aborted: true }
    this.#observer.began({ status: 'failed', error: UNFINISHED, value })
  }

  chunk(bytes: Uint8Array): void {
    const at = this.#observer.keep(bytes.byteLength)
    if (at === undefined) return
    if (this.#reading === undefined) {
      this.#reading = at
      afterStack(() => {
        this.#reading = undefined
      })
    }
    this.#chunks.add(bytes, this.#reading)
  }

  end(trailers: HeaderPairs): void {
    this.#chunks.place(this.#headAt)
    const value = { ...this.#arrived, ...(trailers.length > 0 && { trailers }) }
    this.#observer.settled({ status: 'returned', value })
  }

  /** The program gives up: the failure that follows is its own doing. */
  aborting(): void {
    this.#aborted = true
  }

  /** Only the first failure, and none after the end, is noted. */
  fail(error: unknown): void {
    this.#chunks.place(this.#headAt)
    const value: BrokenResponse = { ...this.#arrived, ...(this.#aborted && { aborted: true }) }
    this.#observer.settled({ status: 'failed', error, ...(Object.keys(value).length > 0 && { value }) })
  }
}
