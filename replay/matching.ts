import {
  answersAuthored,
  Bindings,
  type Bound,
  type Effect,
  type Entry,
  explainedBy,
  type Fixture,
  type Json,
  looseSignature,
  match,
  type Outcome,
  type SignedEntry,
  strictSignature,
} from 'flux-fixtures'
import type { Asked } from './asked.ts'
import { sign } from './fixture-value.ts'
import type { Plan } from './plan.ts'

/** An entry that answers, and how it came to be asked. */
export interface Found extends Pick<Asked, 'source' | 'ambiguous'> {
  readonly entry: Entry
}

/** Which entry answers what a run asks: strictly matched, each at most once. */
export class Matching {
  /** Entries that were consumed. */
  readonly consumed = new Set<Entry>()
  readonly #fixture: Fixture
  readonly #unconsumed: SignedEntry[]
  readonly #added: SignedEntry[]
  readonly #ambient: readonly SignedEntry[]
  readonly #failed: Entry | undefined
  readonly #lentWrites: readonly Entry[]
  #written = 0
  #bindings: Bindings | undefined

  constructor(fixture: Fixture, plan: Plan) {
    this.#fixture = fixture
    this.#unconsumed = plan.recorded.map(sign)
    this.#added = plan.added.map(sign)
    this.#failed = plan.culprit?.outcome.status === 'failed' ? plan.culprit : undefined
    this.#lentWrites = plan.added.filter(entry => entry.provenance === 'borrowed' && entry.effect.write)
    this.#ambient = fixture.ambient.effects.map(sign)
  }

  /** Recorded ids, and what took their place in this run. */
  get bound(): readonly Bound[] {
    return this.#bindings?.all ?? []
  }

  /** The recorded entry that an effect asks for. */
  recorded(effect: Effect, path: string): Found | undefined {
    const request = this.#bindings?.toRecorded(effect.request as Json) ?? effect.request
    const found = match(strictSignature({ ...effect, request }), path, this.#unconsumed)
    if (found) {
      this.#consume(this.#unconsumed, found.entry)
      // A person who wrote another answer to the call that failed means it.
      if (found.entry === this.#failed && this.#authored(effect)) return undefined
      return { source: 'recorded', entry: found.entry, ...(found.ambiguous && { ambiguous: true }) }
    }
    const entry = this.#bind(effect, path)
    return entry && { source: 'recorded', entry }
  }

  /** What answers beyond the recording: a person's entries, those borrowed from a baseline, what the warm process had. */
  beyond(effect: Effect, path: string): Found | undefined {
    const signature = strictSignature(effect)
    const added =
      this.#authored(effect) ??
      this.#added.find(({ entry, signature: own }) => own === signature && this.#isInOrder(entry))
    if (added) {
      if (effect.write) this.#written++
      this.#consume(this.#added, added.entry)
      return { source: added.entry.provenance ?? 'authored', entry: added.entry }
    }
    const ambient = match(signature, path, this.#ambient)
    return ambient && ambient.entry.outcome.status !== 'pending'
      ? { source: 'ambient', entry: ambient.entry }
      : undefined
  }

  /** A borrowed answer holds where as many writes came before it as in the baseline. */
  #isInOrder({ index }: Entry): boolean {
    const earlier = this.#lentWrites.filter(entry => entry.index < index)
    return this.#written === earlier.length && earlier.every(entry => this.consumed.has(entry))
  }

  #authored(effect: Effect): SignedEntry | undefined {
    return this.#added.find(({ entry }) => entry.provenance === 'authored' && answersAuthored(entry, effect))
  }

  /** A recorded outcome with the ids of this run. */
  outcomeOf({ outcome }: Entry): Outcome {
    const bindings = this.#bindings
    if (!bindings || outcome.status === 'pending') return outcome
    const of = (value: unknown) => bindings.toReplayed(value as Json)
    if (outcome.status === 'returned') return { ...outcome, value: of(outcome.value) }
    return { ...outcome, error: of(outcome.error), ...(outcome.value !== undefined && { value: of(outcome.value) }) }
  }

  /** The entry that asked the same but for ids, such as those of a pool that was filled before the execution. */
  #bind(effect: Effect, path: string): Entry | undefined {
    const loose = looseSignature(effect)
    const alike = this.#unconsumed.filter(({ entry }) => looseSignature(entry.effect) === loose)
    if (alike.length === 0) return undefined
    const bindings = this.#bindings ?? new Bindings(explainedBy(this.#fixture))
    const inPlace = alike.filter(({ entry }) => entry.path === path)
    for (const { entry } of [...inPlace, ...alike]) {
      const bound = bindings.unify(entry.effect.request as Json, effect.request as Json, entry.issuedAt)
      if (!bound) continue
      bindings.accept(bound)
      this.#bindings = bindings
      this.#consume(this.#unconsumed, entry)
      return entry
    }
    return undefined
  }

  #consume(from: SignedEntry[], entry: Entry): void {
    this.consumed.add(entry)
    from.splice(
      from.findIndex(candidate => candidate.entry === entry),
      1,
    )
  }
}
