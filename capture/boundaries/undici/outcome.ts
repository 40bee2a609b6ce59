import type { Answer, Reply } from '../../boundary.ts'
import { type Enter, type ExchangeRequest, type HeaderPairs, nextTurn, type ResponseHead } from '../../http-exchange.ts'
import { type Delivery, deliveryOf, isWhole, momentOf } from '../../response-delivery.ts'
import { abortedRequest, asUndici } from './failure.ts'
import type { Controller, Handler, HeaderObject } from './handler.ts'

/** Tells a handler what was recorded, as a dispatcher would. */
export class Delivering {
  readonly #handler: Handler
  readonly #enter: Enter
  readonly #inside: Enter
  readonly #modern: boolean
  #paused = false
  #over = false
  #started = false
  #reason: unknown
  #resumed: (() => void) | undefined
  readonly #controller: Controller

  /** @param inside for what a library's own handler notes before there is a response: when a connection was made */
  constructor(handler: Handler, enter: Enter, inside: Enter) {
    this.#inside = inside
    this.#handler = handler
    this.#enter = enter
    this.#modern = typeof handler.onRequestStart === 'function'
    const self = this
    this.#controller = {
      abort: reason => this.#abort(reason),
      pause: () => {
        this.#paused = true
      },
      resume: () => this.#resume(),
      get paused() {
        return self.#paused
      },
      get aborted() {
        return self.#reason !== undefined
      },
      get reason() {
        return self.#reason ?? null
      },
      rawHeaders: null,
      rawTrailers: null,
    }
  }

  /** @param asked resolves with the request in full, once its body was taken in; undefined where it was known */
  async run(asked: () => Promise<ExchangeRequest | undefined>, method: string, reply: Reply): Promise<void> {
    try {
      await nextTurn()
      this.#start()
      const request = await asked()
      const answer = await (request ? reply.answer(request) : reply.answer())
      if (!this.#over) await this.#deliver(deliveryOf(answer.outcome, method), answer)
    } catch (error) {
      // Thrown by the handler or by the body that the program sends.
      this.#fail(error)
    }
  }

  async #deliver(delivery: Delivery, answer: Answer): Promise<void> {
    for (const head of delivery.informational) this.#head(head)
    if (delivery.head) {
      this.#head(delivery.head)
      const whole = isWhole(delivery, answer)
      if (whole) void answer.end
      for (const arrival of delivery.arrivals) {
        if (this.#paused) await this.#ready()
        if (!whole) await momentOf(arrival, answer)
        for (const chunk of arrival.chunks) {
          if (this.#paused) await this.#ready()
          if (this.#over) return
          this.#data(chunk)
        }
      }
      if (!whole && !delivery.aborted) await answer.end
      if (this.#paused) await this.#ready()
      if (this.#over) return
      if (!delivery.failure) return this.#end(delivery.trailers)
    }
    if (delivery.failure && !delivery.aborted) this.#fail(asUndici(delivery.failure.error))
  }

  #start(): void {
    if (this.#started) return
    this.#started = true
    if (this.#modern) this.#inside(() => this.#handler.onRequestStart?.(this.#controller, {}))
    else this.#inside(() => this.#handler.onConnect?.(reason => this.#abort(reason), {}))
  }

  #head(head: ResponseHead): void {
    const raw = rawOf(head.headers)
    this.#controller.rawHeaders = raw
    const { status, statusText } = head
    if (this.#modern) {
      const headers = objectOf(head.headers)
      this.#enter(() => this.#handler.onResponseStart?.(this.#controller, status, headers, statusText))
      return
    }
    this.#inside(() => this.#handler.onResponseStarted?.())
    const flow = this.#enter(() => this.#handler.onHeaders?.(status, raw, () => this.#resume(), statusText))
    if (flow === false) this.#paused = true
  }

  #data(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (this.#modern) this.#enter(() => this.#handler.onResponseData?.(this.#controller, bytes))
    else if (this.#enter(() => this.#handler.onData?.(bytes)) === false) this.#paused = true
  }

  #end(trailers: HeaderPairs): void {
    this.#over = true
    const raw = rawOf(trailers)
    this.#controller.rawTrailers = raw
    try {
      if (this.#modern) this.#enter(() => this.#handler.onResponseEnd?.(this.#controller, objectOf(trailers)))
      else this.#enter(() => this.#handler.onComplete?.(raw))
    } catch (error) {
      this.#tell(error)
    }
  }

  #fail(error: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#resume()
    this.#tell(error)
  }

  #tell(error: unknown): void {
    if (this.#modern) this.#enter(() => this.#handler.onResponseError?.(this.#controller, error))
    else this.#enter(() => this.#handler.onError?.(error))
  }

  /** A dispatcher tells the handler at once that its request was aborted. */
  #abort(reason: unknown): void {
    if (this.#over) return
    this.#reason = reason ?? abortedRequest()
    this.#fail(this.#reason)
  }

  #resume(): void {
    this.#paused = false
    this.#resumed?.()
  }

  async #ready(): Promise<void> {
    while (this.#paused && !this.#over) {
      await new Promise<void>(resolve => {
        this.#resumed = resolve
      })
    }
  }
}

function rawOf(headers: HeaderPairs): Buffer[] {
  return headers.flatMap(([name, value]) => [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')])
}

/** As undici parses raw headers: names in lower case, values as UTF-8. */
function objectOf(headers: HeaderPairs): HeaderObject {
  const object: HeaderObject = {}
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    const text = Buffer.from(value, 'latin1').toString('utf8')
    const known = object[key]
    if (known === undefined) object[key] = text
    else if (Array.isArray(known)) known.push(text)
    else object[key] = [known, text]
  }
  return object
}
