import type { Answer, Call, Player, Reply } from 'flux-capture/internal'
import { type Effect, type Entry, encode, FluxError } from 'flux-fixtures'

interface Step {
  readonly order: number
  readonly entry: Entry
  readonly phase: 'head' | 'end'
  deliver?: () => void
}

const DONE = Promise.resolve()
const nextTurn = () => new Promise<void>(resolve => setImmediate(() => resolve()))

/**
 * The strictest player there is: kind, operation and request must be those of an entry, each entry answers once, completions
 * are released in recorded order, one a macrotask.
 */
export class Tape implements Player {
  /** What was asked and not recorded. */
  readonly divergences: Effect[] = []
  readonly #entries: Entry[]
  readonly #steps: Step[]
  #turning = false

  constructor(entries: readonly Entry[]) {
    this.#entries = [...entries]
    this.#steps = entries
      .flatMap((entry): Step[] => [
        ...(entry.completion === undefined ? [] : [{ order: entry.completion, entry, phase: 'head' as const }]),
        ...(entry.end === undefined ? [] : [{ order: entry.end, entry, phase: 'end' as const }]),
      ])
      .sort((left, right) => left.order - right.order)
  }

  /** Entries that nobody asked for. */
  get unasked(): readonly Entry[] {
    return this.#entries
  }

  reply(call: Call<unknown>): Reply {
    return {
      answer: request => this.#answer(call, request === undefined ? call.effect : { ...call.effect, request }),
    }
  }

  #answer(call: Call<unknown>, effect: Effect): Promise<Answer> {
    const wanted = signature(effect)
    const index = this.#entries.findIndex(entry => signature(entry.effect) === wanted)
    const [entry] = index < 0 ? [] : this.#entries.splice(index, 1)
    if (entry) return this.#release(entry)
    if (call.implied) return this.#soon(call.blank as Answer['outcome'])
    this.divergences.push(effect)
    return this.#soon({ status: 'failed', error: new FluxError('FLUX_DIVERGED', `Not on the tape: ${effect.target}.`) })
  }

  #release(entry: Entry): Promise<Answer> {
    const { outcome } = entry
    return new Promise(resolve => {
      const end = this.#steps.find(step => step.entry === entry && step.phase === 'end')
      const head = this.#steps.find(step => step.entry === entry && step.phase === 'head')
      if (!head || outcome.status === 'pending') return
      const ended = end
        ? new Promise<void>(done => {
            end.deliver = done
          })
        : DONE
      head.deliver = () => resolve({ outcome, end: ended, until: () => nextTurn() })
      this.#turn()
    })
  }

  #soon(outcome: Answer['outcome']): Promise<Answer> {
    return new Promise(resolve => setImmediate(() => resolve({ outcome, end: DONE, until: () => nextTurn() })))
  }

  /** Once something diverged, what waits behind an entry that nobody asks for goes on. */
  #ready(): Step | undefined {
    return this.divergences.length > 0 ? this.#steps.find(step => step.deliver) : this.#steps[0]
  }

  #turn(): void {
    if (this.#turning) return
    this.#turning = true
    setImmediate(() => {
      this.#turning = false
      const step = this.#ready()
      if (!step?.deliver) return
      this.#steps.splice(this.#steps.indexOf(step), 1)
      step.deliver()
      if (this.#ready()?.deliver) this.#turn()
    })
  }

  read(): number {
    return 0
  }

  draw(): number {
    return 0
  }

  variable(_name: string, real: string | undefined): string | undefined {
    return real
  }
}

function signature({ kind, operation, request }: Effect): string {
  return JSON.stringify([kind, operation, encode(request)])
}
