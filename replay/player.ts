import type { Answer, Call, Player, Realm, Reply } from 'flux-capture/internal'
import type { Bound, ClockRead, Draw, Effect, Entry, Fixture } from 'flux-fixtures'
import { AskedLog, type Miss } from './asked.ts'
import type { Quiet } from './clock/quiet.ts'
import { type Moved, TimerSchedule } from './clock/schedule.ts'
import { VirtualTime } from './clock/time.ts'
import type { VirtualTimers } from './clock/timers.ts'
import { deliverable, encoded, recordedVariable } from './fixture-value.ts'
import { Draws, Reads } from './instants.ts'
import { Matching } from './matching.ts'
import type { Plan } from './plan.ts'
import { type Crossing, INEXACT_MS, Release } from './release.ts'
import { type Beyond, Unanswered } from './unanswered.ts'

type Asker = Parameters<Player['reply']>[1]

/** When a call was made. */
interface AskedAt {
  readonly crossing: Crossing
  /** The program had ended. */
  readonly afterEnd: boolean
}

const STUCK_TURNS = 60
const STUCK_MS = 40
const realNow = performance.now.bind(performance)

/**
 * Answers one run of the program from a recording: strictly matched, each entry at most once, completions released in
 * recorded order, one a macrotask. Virtual time moves on only when the program is quiet.
 */
export class RecordingPlayer implements Player {
  /** Everything the program asked. */
  readonly log = new AskedLog()
  /** What of it no entry answered. */
  readonly unanswered: Unanswered
  /** The program's timers. */
  readonly schedule: TimerSchedule
  /** Why the run cannot go on, once it cannot: what it waits for, in words. */
  stuck: string | undefined
  /** Called when the run is stuck. */
  onStop: (() => void) | undefined
  readonly #fixture: Fixture
  readonly #matching: Matching
  readonly #time: VirtualTime
  readonly #release: Release
  readonly #reads: Reads
  readonly #draws: Draws
  readonly #quiet: Quiet
  readonly #timers: VirtualTimers
  readonly #realm: Realm
  #stillTurns = 0
  #stillSince = 0
  #running = false
  #drained: (() => void) | undefined

  constructor(
    fixture: Fixture,
    plan: Plan,
    machine: { readonly quiet: Quiet; readonly timers: VirtualTimers; readonly realm: Realm },
    options: { readonly blank: boolean; readonly beyond?: Beyond },
  ) {
    this.#fixture = fixture
    this.#quiet = machine.quiet
    this.#timers = machine.timers
    this.#realm = machine.realm
    this.#matching = new Matching(fixture, plan)
    const { clock } = fixture
    this.#time = new VirtualTime(clock.startedAt)
    this.#release = new Release(plan.recorded, clock, this.#time, () => this.#quiet.touch())
    this.schedule = new TimerSchedule(fixture, this, this.#release, this.#time)
    this.unanswered = new Unanswered(options, this.log, this.#release, plan.required, this.consumed, () =>
      this.#progress(),
    )
    const placed = <I extends { readonly after: number }>(instant: I): I => ({
      ...instant,
      after: this.#release.rankOf(instant.after),
    })
    this.#reads = new Reads({ ...clock, reads: clock.reads.map(placed) }, this.#time)
    this.#draws = new Draws(fixture.random.draws.map(placed), fixture.id)
  }

  /** Entries that were consumed. */
  get consumed(): ReadonlySet<Entry> {
    return this.#matching.consumed
  }

  /** How far it has come in the recording. */
  get progress(): number {
    return this.consumed.size + this.#release.rank
  }

  /** Recorded ids, and what took their place in this run. */
  get bound(): readonly Bound[] {
    return this.#matching.bound
  }

  /** Virtual time, milliseconds since epoch. */
  get now(): number {
    return this.#time.startedAt + this.#time.now
  }

  read(kind: ClockRead['kind'], path: string, own: boolean): number | string {
    if (own) return this.#reads.virtual(kind)
    return this.#reads.next(kind, path, this.#release.rank)
  }

  draw(kind: Draw['kind'], size: number | string | undefined, path: string): number | string {
    return this.#draws.next(kind, size, path, this.#release.rank)
  }

  variable(name: string, real: string | undefined): string | undefined {
    return recordedVariable(this.#fixture, name, real)
  }

  reply(call: Call<unknown>, place: Asker): Reply {
    const afterEnd = this.unanswered.hasEnded
    const { crossing } = this.#release
    return {
      answer: request => {
        const effect = encoded(call.effect, request)
        this.#quiet.touch()
        return this.#ask(effect, place, call, { afterEnd, crossing })
      },
    }
  }

  #ask(effect: Effect, place: Asker, call: Call<unknown>, asked: AskedAt): Promise<Answer> {
    const miss: Miss = {
      effect,
      get line() {
        return place.line
      },
    }
    const recorded = this.#matching.recorded(effect, place.path)
    if (recorded) {
      this.log.note(miss, recorded)
      return this.#answerOf(recorded.entry, asked.crossing)
    }
    if (call.implied) return this.#release.soon(call.blank)
    const found = this.#matching.beyond(effect, place.path)
    if (!found) return this.unanswered.add(miss, call.blank, asked.afterEnd)
    this.log.note(miss, found)
    return this.#release.soon(deliverable(found.entry.outcome, this.#realm))
  }

  #answerOf(entry: Entry, crossing: Crossing): Promise<Answer> {
    // What production never heard back from, the program does not hear back from here either.
    if (entry.outcome.status === 'pending') {
      this.#release.reached(entry.issuedAt, crossing)
      return new Promise(() => {})
    }
    return this.#release.of(entry, deliverable(this.#matching.outcomeOf(entry), this.#realm), crossing)
  }

  /** Starts releasing completions. */
  start(): void {
    this.#running = true
    this.#timers.begin(this.schedule)
    this.#quiet.start()
    this.#loop()
  }

  stop(): void {
    if (this.#running) this.#timers.end()
    this.#running = false
    this.#quiet.stop()
  }

  /** The program has ended: what it still does is let happen, and decides nothing. `done` is called once it is quiet. */
  drain(done: () => void): void {
    this.#drained = done
    this.unanswered.end()
  }

  /** The program does not come to rest. */
  giveUp(): void {
    this.#stop()
  }

  /** The next turn comes before the immediates that the program sets in this one: events of one turn happen in one. */
  #loop(): void {
    this.#quiet.turn(() => {
      if (!this.#running) return
      this.#loop()
      this.#turn()
    })
  }

  #turn(): void {
    this.unanswered.refuseDecided()
    const immediate = this.#release.immediate()
    if (immediate) return this.#do(immediate)
    const { next } = this.#release
    const moved = this.schedule.moved(this.#drained === undefined)
    const isNext = next?.isFirst === true && !(moved && moved.due < Math.max(next.due, this.#time.now))
    if (isNext && (next.isJoined || next.due <= this.#time.now + INEXACT_MS)) return this.#happen()
    if (moved && !isNext && this.schedule.isThisTurn(moved)) return this.#do(moved.happen)
    if (this.unanswered.isOffering) return
    const { quiet } = this.#quiet
    if (!quiet && !this.#quiet.isSpinning) return
    if (isNext) return this.#happen()
    if (moved && next?.isFirst) return this.#come(moved)
    if (!this.unanswered.isEmpty) return this.unanswered.settle()
    if (moved && !(next && next.due < moved.due)) return this.#come(moved)
    if (next) return this.#release.skip()
    if (!quiet) return
    if (this.#drained) return this.#drained()
    this.#still()
  }

  /** Events of one turn come before every immediate that one of them sets: each of them has its turn by then. */
  #happen(): void {
    for (let more = this.#release.joining; more > 1; more--) this.#quiet.turn(() => this.#alsoHappen())
    this.#do(() => this.#release.happen())
  }

  #alsoHappen(): void {
    const { next } = this.#release
    if (this.#running && next?.isFirst && next.isJoined) this.#do(() => this.#release.happen())
  }

  #do(step: () => void): void {
    this.#progress()
    step()
  }

  #come(moved: Moved): void {
    if (moved.due > this.schedule.horizon) return this.#stop()
    this.#do(moved.happen)
  }

  #progress(): void {
    this.#stillTurns = 0
    this.#quiet.touch()
  }

  /** Nothing is under way, nothing can be released, and the program has not ended. */
  #still(): void {
    if (this.#stillTurns++ === 0) this.#stillSince = realNow()
    if (this.#stillTurns < STUCK_TURNS || realNow() - this.#stillSince < STUCK_MS) return
    this.#stop()
  }

  #stop(): void {
    this.stuck = this.schedule.waitingFor(this.log)
    this.stop()
    this.onStop?.()
  }
}
