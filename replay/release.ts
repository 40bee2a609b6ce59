import type { Answer } from 'flux-capture/internal'
import type { Entry } from 'flux-fixtures'

interface Step {
  readonly entry: Entry
  readonly phase: 'head' | 'end'
  readonly order: number
}

interface Ready {
  readonly head?: (end: () => Promise<void>) => void
  readonly end?: () => void
}

export const DONE = Promise.resolve()

/** Releases the completions of a recording in recorded order. It is asked for one at a time; when is its owner's business. */
export class Release {
  readonly #steps: Step[]
  readonly #heads: readonly number[]
  readonly #ready = new Map<Entry, Ready>()
  readonly #immediate: (() => void)[] = []
  readonly #onTurn: (entry: Entry) => void
  readonly #onAsked: () => void
  #position = 0

  /**
   * @param onTurn called before a completion is released
   * @param onAsked called when the program comes to wait for the end of a stream
   */
  constructor(entries: readonly Entry[], onTurn: (entry: Entry) => void, onAsked: () => void) {
    this.#steps = stepsOf(entries)
    this.#heads = entries.flatMap(entry => entry.completion ?? []).sort((a, b) => a - b)
    this.#onTurn = onTurn
    this.#onAsked = onAsked
  }

  /** How many effects have answered. */
  get rank(): number {
    return this.rankOf(this.#position)
  }

  /** How many effects had answered by a completion. How far a stream had come by then differs from run to run. */
  rankOf(completion: number): number {
    const later = this.#heads.findIndex(head => head > completion)
    return later < 0 ? this.#heads.length : later
  }

  /** Resolves when the entry's turn comes; soon, when its turn has gone by. */
  of(entry: Entry, outcome: Answer['outcome']): Promise<Answer> {
    return new Promise(resolve => {
      const head = (end: () => Promise<void>) => resolve(lazyEnd(outcome, end))
      if (this.#steps.some(step => step.entry === entry && step.phase === 'head')) this.#ready.set(entry, { head })
      else this.#immediate.push(() => head(() => DONE))
    })
  }

  /** Resolves in one of the next turns: for what has no place in the recorded order. */
  soon(outcome: Answer['outcome']): Promise<Answer> {
    return new Promise(resolve => {
      this.#immediate.push(() => resolve({ outcome, end: DONE }))
    })
  }

  /** Takes the one completion that can be released now. */
  next(): (() => void) | undefined {
    const immediate = this.#immediate.shift()
    if (immediate) return immediate
    const step = this.#steps[0]
    return step && this.#isReady(step) ? () => this.#deliver(step) : undefined
  }

  /** Whether something waits behind a completion that nobody asks for. */
  get isBlocked(): boolean {
    return this.#steps.some(step => this.#isReady(step))
  }

  /** The next recorded completion was never asked for: it is an orphan, and what waits behind it goes on. */
  skip(): void {
    const skipped = this.#steps.shift()
    if (skipped) this.#position = skipped.order
  }

  #isReady(step: Step): boolean {
    return this.#ready.get(step.entry)?.[step.phase] !== undefined
  }

  #deliver(step: Step): void {
    this.#steps.shift()
    this.#position = step.order
    this.#onTurn(step.entry)
    const ready = this.#ready.get(step.entry)
    this.#ready.delete(step.entry)
    if (step.phase === 'end') ready?.end?.()
    else ready?.head?.(() => this.#endOf(step.entry))
  }

  /** Waited for only once what comes before it was delivered; in no order any more when its turn went by. */
  #endOf(entry: Entry): Promise<void> {
    this.#onAsked()
    if (!this.#steps.some(step => step.entry === entry)) return DONE
    return new Promise(resolve => this.#ready.set(entry, { end: resolve }))
  }
}

function lazyEnd(outcome: Answer['outcome'], end: () => Promise<void>): Answer {
  let ended: Promise<void> | undefined
  return {
    outcome,
    get end() {
      ended ??= end()
      return ended
    },
  }
}

function stepsOf(entries: readonly Entry[]): Step[] {
  return entries
    .flatMap((entry): Step[] => {
      if (entry.outcome.status === 'pending' || entry.completion === undefined) return []
      const head: Step = { entry, phase: 'head', order: entry.completion }
      return entry.end === undefined ? [head] : [head, { entry, phase: 'end', order: entry.end }]
    })
    .sort((a, b) => a.order - b.order)
}
