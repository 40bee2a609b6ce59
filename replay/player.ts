import type { Answer, Call, Player, Realm, Reply } from 'flux-capture/internal'
import {
  answersAuthored,
  type ClockRead,
  type Draw,
  type Effect,
  type Entry,
  type Fixture,
  match,
  type SignedEntry,
  strictSignature,
} from 'flux-fixtures'
import { AskedLog, type Miss } from './asked.ts'
import type { Quiet } from './clock/quiet.ts'
import type { VirtualTimers } from './clock/timers.ts'
import { deliverable, encoded, recordedVariable, sign } from './fixture-value.ts'
import { Draws, Reads } from './instants.ts'
import type { Plan } from './plan.ts'
import { Release } from './release.ts'
import { type Beyond, Unanswered } from './unanswered.ts'

type Asker = Parameters<Player['reply']>[1]

const STUCK_TURNS = 60
const STUCK_MS = 40
const now = performance.now.bind(performance)

/**
 * Answers one run of the program from a recording: strictly matched, each entry at most once, completions released in
 * recorded order, one a macrotask.
 */
export class RecordingPlayer implements Player {
  /** Everything the program asked. */
  readonly log = new AskedLog()
  /** What of it no entry answered. */
  readonly unanswered: Unanswered
  /** Why the run cannot go on, in words, once it cannot. */
  stuck: 'timers' | 'waiting' | undefined
  /** Called when the run is stuck. */
  onStop: (() => void) | undefined
  /** Entries that were consumed. */
  readonly consumed = new Set<Entry>()
  readonly #fixture: Fixture
  readonly #unconsumed: SignedEntry[]
  readonly #added: SignedEntry[]
  readonly #ambient: readonly SignedEntry[]
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
    this.#unconsumed = plan.recorded.map(sign)
    this.#added = plan.added.map(sign)
    this.#ambient = fixture.ambient.effects.map(sign)
    this.#release = new Release(
      plan.recorded,
      entry => this.#moveTo(entry),
      () => this.#quiet.touch(),
    )
    this.unanswered = new Unanswered(options, this.log, this.#release, plan.required, this.consumed, () =>
      this.#progress(),
    )
    const placed = <I extends { readonly after: number }>(instant: I): I => ({
      ...instant,
      after: this.#release.rankOf(instant.after),
    })
    const { reads, startedAt } = fixture.clock
    this.#reads = new Reads(reads.map(placed), startedAt, elapsedOf(plan.recorded))
    this.#draws = new Draws(fixture.random.draws.map(placed), fixture.id)
  }

  /** Virtual time, milliseconds since epoch. */
  get now(): number {
    return this.#reads.now
  }

  read(kind: ClockRead['kind']): number | string {
    return this.#reads.next(kind, this.#release.rank)
  }

  draw(kind: Draw['kind'], size: number | string | undefined): number | string {
    return this.#draws.next(kind, size, this.#release.rank)
  }

  variable(name: string, real: string | undefined): string | undefined {
    return recordedVariable(this.#fixture, name, real)
  }

  reply(call: Call<unknown>, place: Asker): Reply {
    const afterEnd = this.unanswered.hasEnded
    return {
      answer: request => {
        const effect = encoded(call.effect, request)
        this.#quiet.touch()
        return this.#ask(effect, place, call, afterEnd)
      },
    }
  }

  #moveTo(entry: Entry): void {
    const time = this.#fixture.clock.startedAt + (entry.completedAt ?? 0)
    this.#timers.advance(Math.floor(time) - Math.floor(this.#reads.now))
    this.#reads.advanceTo(time)
  }

  #ask(effect: Effect, place: Asker, call: Call<unknown>, afterEnd: boolean): Promise<Answer> {
    const miss: Miss = {
      effect,
      get line() {
        return place.line
      },
    }
    const signature = strictSignature(effect)
    const found = match(signature, place.path, this.#unconsumed)
    if (found) {
      const { entry, ambiguous } = found
      this.#consume(this.#unconsumed, entry)
      this.log.note(miss, { source: 'recorded', entry, ...(ambiguous && { ambiguous }) })
      return this.#answerOf(entry)
    }
    if (call.implied) return this.#release.soon(call.blank)
    const added = this.#added.find(candidate =>
      candidate.entry.provenance === 'authored'
        ? answersAuthored(candidate.entry, effect)
        : candidate.signature === signature,
    )
    if (added) {
      this.#consume(this.#added, added.entry)
      this.log.note(miss, { source: added.entry.provenance ?? 'authored', entry: added.entry })
      return this.#release.soon(deliverable(added.entry.outcome, this.#realm))
    }
    const ambient = match(signature, place.path, this.#ambient)
    if (ambient && ambient.entry.outcome.status !== 'pending') {
      this.log.note(miss, { source: 'ambient', entry: ambient.entry })
      return this.#release.soon(deliverable(ambient.entry.outcome, this.#realm))
    }
    return this.unanswered.add(miss, call.blank, afterEnd)
  }

  #consume(from: SignedEntry[], entry: Entry): void {
    this.consumed.add(entry)
    from.splice(
      from.findIndex(candidate => candidate.entry === entry),
      1,
    )
  }

  #answerOf(entry: Entry): Promise<Answer> {
    // What production never heard back from, the program does not hear back from here either.
    if (entry.outcome.status === 'pending') return new Promise(() => {})
    return this.#release.of(entry, deliverable(entry.outcome, this.#realm))
  }

  /** Starts releasing completions. */
  start(): void {
    this.#running = true
    this.#quiet.start()
    this.#loop()
  }

  stop(): void {
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
    this.#stop('waiting')
  }

  #loop(): void {
    this.#quiet.turn(() => {
      if (!this.#running) return
      this.#turn()
      if (this.#running) this.#loop()
    })
  }

  #turn(): void {
    this.unanswered.refuseDecided()
    const deliver = this.#release.next()
    if (deliver) {
      this.#progress()
      return deliver()
    }
    if (this.unanswered.isOffering || !this.#quiet.quiet) return
    if (!this.unanswered.isEmpty) return this.unanswered.settle()
    if (this.#release.isBlocked) return this.#release.skip()
    if (this.#drained) return this.#drained()
    this.#still()
  }

  #progress(): void {
    this.#stillTurns = 0
    this.#quiet.touch()
  }

  /** Nothing is under way, nothing can be released, and the program has not ended. */
  #still(): void {
    if (this.#stillTurns++ === 0) this.#stillSince = now()
    if (this.#stillTurns < STUCK_TURNS || now() - this.#stillSince < STUCK_MS) return
    this.#stop(this.#timers.waiting > 0 ? 'timers' : 'waiting')
  }

  #stop(stuck: 'timers' | 'waiting'): void {
    this.stuck = stuck
    this.stop()
    this.onStop?.()
  }
}

/** When an effect answered, by its rank among them. */
function elapsedOf(entries: readonly Entry[]): (rank: number) => number {
  const times = entries.flatMap(entry => (entry.completion === undefined ? [] : (entry.completedAt ?? 0)))
  times.sort((a, b) => a - b)
  return rank => times[rank - 1] ?? 0
}
