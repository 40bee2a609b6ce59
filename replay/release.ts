import type { Answer } from 'flux-capture/internal'
import type { Entry, Firing, Fixture, Timer } from 'flux-fixtures'
import type { VirtualTime } from './clock/time.ts'

/** A recorded event: an effect answers, its stream ends, a timer fires. */
interface Step {
  readonly what: Entry | Firing
  readonly phase: 'head' | 'end' | 'firing'
  readonly order: number
}

/** A recorded event that may happen now, as far as the program is concerned: it has asked for it. */
export interface Ready {
  /** Milliseconds since the execution began at which it is due. */
  readonly due: number
  readonly happen: () => void
}

/** A moment in time that something waits for and that has no place in the recorded order. */
export interface Moment {
  readonly due: number
  readonly happen: () => void
}

/** Where the program stands when it crosses. */
export interface Crossing {
  readonly now: number
  readonly lastEvent: number
}

/** Sums of recorded times differ in their last digits. */
export const INEXACT_MS = 1e-6

export const DONE = Promise.resolve()

/**
 * The events of a recording in recorded order. It tells which may happen next, and when it is due; when it happens is its
 * owner's business.
 */
export class Release {
  readonly #steps: Step[]
  readonly #ranked: readonly number[]
  readonly #ready = new Map<Entry | Firing, Ready>()
  readonly #moments: Moment[] = []
  readonly #immediate: (() => void)[] = []
  readonly #time: VirtualTime
  readonly #onAsked: () => void
  readonly #times: readonly number[]
  readonly #joined: ReadonlySet<number>
  #position = 0
  #happened = 0
  #lastEvent = 0

  /**
   * @param time moved forward by what happens
   * @param onAsked called when the program comes to wait for the end of a stream
   */
  constructor(
    entries: readonly Entry[],
    { timers = [], joined = [] }: Pick<Fixture['clock'], 'timers' | 'joined'>,
    time: VirtualTime,
    onAsked: () => void,
  ) {
    this.#joined = new Set(joined)
    this.#steps = stepsOf(entries, timers)
    this.#ranked = this.#steps.flatMap(step => (step.phase === 'end' ? [] : step.order))
    this.#times = timesOf(entries, timers)
    this.#time = time
    this.#onAsked = onAsked
  }

  /** How many effects have answered and timers have fired. */
  get rank(): number {
    return this.rankOf(this.#position)
  }

  /** How many had by a completion. How far a stream had come by then differs from run to run. */
  rankOf(completion: number): number {
    const later = this.#ranked.findIndex(order => order > completion)
    return later < 0 ? this.#ranked.length : later
  }

  /**
   * The program has come to where it asked for something. Between the last recorded event and that moment the program
   * computed, which takes no virtual time of itself.
   * @param issuedAt when it was asked for in the recording
   * @returns when that is in this run, in milliseconds since the execution began
   */
  reached(issuedAt: number, crossing: Crossing = this.crossing): number {
    let before = 0
    for (const time of this.#times) {
      if (time > issuedAt) break
      before = time
    }
    const at = Math.max(crossing.now, crossing.lastEvent + issuedAt - before)
    this.#time.advanceTo(at)
    return at
  }

  /** Where the program stands now. A request that is known later only was made where it crossed. */
  get crossing(): Crossing {
    return { now: this.#time.now, lastEvent: this.#lastEvent }
  }

  /** Resolves when the entry's turn comes; soon, when its turn has gone by. */
  of(entry: Entry, outcome: Answer['outcome'], crossing: Crossing): Promise<Answer> {
    const due = this.reached(entry.issuedAt, crossing) + (entry.completedAt ?? entry.issuedAt) - entry.issuedAt
    return new Promise(resolve => {
      const placed = this.#expects(entry)
      const head = () => resolve(this.#answerOf(entry, outcome, placed ? due : undefined))
      if (placed) this.#ready.set(entry, { due, happen: head })
      else this.#immediate.push(head)
    })
  }

  /** Resolves in one of the next turns: for what has no place in the recorded order. */
  soon(outcome: Answer['outcome']): Promise<Answer> {
    return new Promise(resolve => {
      this.#immediate.push(() => resolve({ outcome, end: DONE, until: () => this.#nextTurn() }))
    })
  }

  /** A recorded firing is expected: its timer is set. False when its turn has gone by. */
  expect(firing: Firing, ready: Ready): boolean {
    if (!this.#expects(firing)) return false
    this.#ready.set(firing, ready)
    return true
  }

  /** Its timer was cleared. */
  forget(firing: Firing): void {
    this.#ready.delete(firing)
  }

  /** How many recorded events came in one turn of the loop with the first one, after it. */
  get joining(): number {
    let count = 0
    for (let order = (this.#steps[0]?.order ?? 0) + 1; this.#joined.has(order); order++) count++
    return count
  }

  /** Takes what waits for a turn of its own and nothing else. */
  immediate(): (() => void) | undefined {
    return this.#immediate.shift()
  }

  /** The first recorded event that may happen. Others may stand before it that the program does not ask for. */
  get next(): (Ready & { readonly isFirst: boolean; readonly isJoined: boolean }) | undefined {
    for (const [index, { what, order }] of this.#steps.entries()) {
      const ready = this.#ready.get(what)
      if (!ready) continue
      const isJoined = this.#joined.has(order) && this.#happened === order - 1
      return { ...ready, isFirst: index === 0, isJoined }
    }
    return undefined
  }

  /** The earliest moment that something waits for. */
  get moment(): Moment | undefined {
    let first: Moment | undefined
    for (const moment of this.#moments) if (!first || moment.due < first.due) first = moment
    return first
  }

  /** Lets the first recorded event happen; it must be ready. */
  happen(): void {
    const step = this.#steps.shift()
    const ready = step && this.#ready.get(step.what)
    if (!step || !ready) return
    this.#ready.delete(step.what)
    this.#position = step.order
    this.#happened = step.order
    this.#time.advanceTo(ready.due)
    this.#lastEvent = ready.due
    ready.happen()
  }

  /** Lets a moment come. */
  come(moment: Moment): void {
    this.#moments.splice(this.#moments.indexOf(moment), 1)
    this.#time.advanceTo(moment.due)
    moment.happen()
  }

  /** The first recorded event was never asked for: it is an orphan, and what waits behind it goes on. */
  skip(): void {
    const skipped = this.#steps.shift()
    if (skipped) this.#position = skipped.order
  }

  #expects(what: Entry | Firing): boolean {
    return this.#steps.some(step => step.what === what)
  }

  /** @param due when its head was due; none when its turn had gone by */
  #answerOf(entry: Entry, outcome: Answer['outcome'], due: number | undefined): Answer {
    const shift = (due ?? 0) - (entry.completedAt ?? 0)
    let ended: Promise<void> | undefined
    const end = () => (due === undefined ? DONE : this.#endOf(entry, (entry.endedAt ?? 0) + shift))
    const isWhole = due !== undefined && entry.end === (entry.completion ?? 0) + 1 && this.#joined.has(entry.end)
    return {
      outcome,
      isWhole,
      get end() {
        ended ??= end()
        return ended
      },
      until: at => (due !== undefined && at + shift > this.#time.now ? this.#until(at + shift) : this.#nextTurn()),
    }
  }

  /** Waited for only once what comes before it was delivered; in no order any more when its turn went by. */
  #endOf(entry: Entry, due: number): Promise<void> {
    this.#onAsked()
    if (!this.#expects(entry)) return DONE
    return new Promise(resolve => this.#ready.set(entry, { due, happen: resolve }))
  }

  #until(due: number): Promise<void> {
    this.#onAsked()
    return new Promise(resolve => this.#moments.push({ due, happen: resolve }))
  }

  #nextTurn(): Promise<void> {
    return new Promise(resolve => this.#immediate.push(resolve))
  }
}

function stepsOf(entries: readonly Entry[], timers: readonly Timer[]): Step[] {
  const steps: Step[] = timers.flatMap(timer =>
    timer.fired.map(firing => ({ what: firing, phase: 'firing' as const, order: firing.completion })),
  )
  for (const entry of entries) {
    if (entry.outcome.status === 'pending' || entry.completion === undefined) continue
    steps.push({ what: entry, phase: 'head', order: entry.completion })
    if (entry.end !== undefined) steps.push({ what: entry, phase: 'end', order: entry.end })
  }
  return steps.sort((a, b) => a.order - b.order)
}

/** When the recorded events happened, in order. */
function timesOf(entries: readonly Entry[], timers: readonly Timer[]): number[] {
  const times = entries.flatMap(entry => [entry.completedAt, entry.endedAt])
  for (const timer of timers) times.push(...timer.fired.map(({ at }) => at))
  return times.filter(time => time !== undefined).sort((a, b) => a - b)
}
