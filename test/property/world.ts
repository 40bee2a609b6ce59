/** The outside of a generated program: a boundary whose every answer is new, so that a wrong one shows. */
import { type Answer, type Call, cross, currentFrame, type Observer, type Reply } from 'flux-capture/internal'
import { canonical, type Effect, encode, type Json, type Outcome } from 'flux-fixtures'

export interface Request {
  readonly kind: 'read' | 'write' | 'late' | 'stream' | 'abortable' | 'batch'
  readonly key: number | string | readonly number[]
}

/** What was asked of a replay, in the order of asking. */
export interface Asked {
  readonly signature: string
  path: string | undefined
  /** The answer's number, once it came. */
  answer?: number
}

const later = setTimeout
const nextTurn = setImmediate
const FAILING = 0.15

/** One run's world. When an effect answers, and whether it fails, is chosen by the seed of the schedule. */
export class World {
  readonly asked: Asked[] = []
  /** How many effects were performed. */
  performed = 0
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  /** @returns the number of the answer; rejects with an error that holds it */
  ask(request: Request, signal?: AbortSignal): Promise<number> {
    if (request.kind === 'abortable' && signal?.aborted) return Promise.reject(signal.reason)
    return this.#cross<Promise<number>>(request, {
      perform: observer => this.#perform(request, observer, signal),
      answer: (reply, asked) => answered(request, reply, asked, signal),
    })
  }

  /** A stream: the numbers of its head and of its end. */
  stream(request: Request): { readonly head: Promise<number>; readonly end: Promise<number> } {
    return this.#cross(request, {
      perform: observer => this.#performStream(observer),
      answer: (reply, asked) => answeredStream(request, reply, asked),
    })
  }

  #cross<R>(
    request: Request,
    { perform, answer }: { perform(observer: Observer): R; answer(reply: Reply, asked: () => Asked): R },
  ): R {
    const signature = signatureOf(effectOf(request))
    let asked: Asked | undefined
    let path: string | undefined
    const note = (): Asked => {
      asked = { signature, path }
      this.asked.push(asked)
      return asked
    }
    const effect = request.kind === 'late' ? { ...effectOf(request), request: null } : effectOf(request)
    const call: Call<R> = {
      effect,
      perform,
      answer: reply => answer(reply, note),
      blank: { status: 'returned', value: 0 },
    }
    const result = cross(call)
    path = currentFrame()?.path
    if (asked) (asked as Asked).path = path
    return result
  }

  #perform(request: Request, observer: Observer, signal: AbortSignal | undefined): Promise<number> {
    if (request.kind === 'late') queueMicrotask(() => observer.asked(effectOf(request).request))
    observer.sent()
    const number = ++this.performed
    const fails = this.#random() < FAILING
    return new Promise((resolve, reject) => {
      let done = false
      const settle = (outcome: Outcome, step: () => void) => {
        if (done) return
        done = true
        observer.settled(outcome)
        step()
      }
      const fail = (error: Error) => settle({ status: 'failed', error }, () => reject(error))
      if (request.kind === 'abortable') signal?.addEventListener('abort', () => fail(signal.reason as Error))
      this.#after(() => {
        if (fails) fail(failureOf(number))
        else settle({ status: 'returned', value: number }, () => resolve(number))
      })
    })
  }

  #performStream(observer: Observer): { head: Promise<number>; end: Promise<number> } {
    observer.sent()
    const number = ++this.performed
    const breaks = this.#random()
    const error = failureOf(number)
    const cut: Outcome = { status: 'failed', error, value: number }
    let end!: Promise<number>
    const head = new Promise<number>((resolveHead, rejectHead) => {
      end = new Promise<number>((resolveEnd, rejectEnd) => {
        this.#after(() => {
          if (breaks < FAILING / 2) {
            observer.settled({ status: 'failed', error })
            rejectHead(error)
            return rejectEnd(error)
          }
          observer.began(cut)
          resolveHead(number)
          this.#after(() => {
            const broken = breaks < FAILING
            observer.settled(broken ? cut : { status: 'returned', value: number })
            if (broken) rejectEnd(error)
            else resolveEnd(number)
          })
        })
      })
      end.catch(() => {})
    })
    return { head, end }
  }

  /** Some answer in the next turn, most after 1 to 4 ms. */
  #after(answer: () => void): void {
    const time = Math.floor(this.#random() * 5)
    if (time === 0) nextTurn(answer)
    else later(answer, time)
  }
}

/** The effect of a request, as it is on the tape. */
export function effectOf(request: Request): Effect {
  const { kind, key } = request
  const target = `${kind} of the world`
  return { boundary: 'world', kind: 'world', operation: kind, target, request: { key }, write: kind === 'write' }
}

/** What two effects share when they are the same request. */
export function signatureOf({ operation, request }: Effect): string {
  return `${operation} ${canonical(encode(request) as Json)}`
}

function failureOf(number: number): Error {
  return Object.assign(new Error(`The world failed, answer ${number}.`), { code: 'WORLD', number })
}

function answered(request: Request, reply: Reply, note: () => Asked, signal: AbortSignal | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const listen = async () => {
      if (request.kind === 'late') await null
      const asked = note()
      const { outcome } = await (request.kind === 'late' ? reply.answer(effectOf(request).request) : reply.answer())
      asked.answer = numberOf(outcome)
      if (outcome.status === 'returned') resolve(outcome.value as number)
      else reject(outcome.error)
    }
    void listen()
    if (request.kind === 'abortable') signal?.addEventListener('abort', () => reject(signal.reason))
  })
}

function answeredStream(
  request: Request,
  reply: Reply,
  note: () => Asked,
): { head: Promise<number>; end: Promise<number> } {
  void request
  const asked = note()
  const answer = reply.answer()
  const head = answer.then(({ outcome }) => {
    asked.answer = numberOf(outcome)
    if (outcome.status === 'failed' && outcome.value === undefined) throw outcome.error
    return outcome.value as number
  })
  const end = answer.then(async whole => {
    await whole.end
    if (whole.outcome.status === 'failed') throw whole.outcome.error
    return whole.outcome.value as number
  })
  head.catch(() => {})
  end.catch(() => {})
  return { head, end }
}

/** The number of the performed effect that an outcome is from. */
export function numberOf(outcome: Answer['outcome']): number {
  return outcome.status === 'returned'
    ? (outcome.value as number)
    : ((outcome.error as { number?: number }).number ?? -1)
}
