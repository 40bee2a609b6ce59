import {
  canonical,
  type Effect,
  type EncodedBody,
  type Entry,
  type Fixture,
  isEncodedBody,
  type Json,
  looseSignature,
  type SanitizedRecording,
  strictSignature,
} from 'flux-fixtures'
import { Pseudonyms } from './borrow-pseudonym.ts'

/** Why a baseline's answer to the same request is not borrowed, in words. */
export type Refusal =
  | 'it holds values that sanitizing took, and they may have been others'
  | 'its transaction cannot be borrowed whole'
  | 'what was written before it differs'
  | 'the session was set up otherwise before it'
  | 'the baseline was answered otherwise where both asked the same'
  | 'its answer was not kept whole'

/** Entries that answer one call: one, or a whole transaction from its BEGIN on. */
export interface Loan {
  readonly from: string
  readonly entries: readonly Entry[]
}

/** An answer to another request, or one that may not be borrowed. */
export interface Likeness {
  readonly from: string
  readonly entry: Entry
  readonly refusal?: Refusal
}

/** What was asked before the call in question, in order. An authored answer is nobody's: no baseline agrees with it. */
export type Asked = readonly Pick<Entry, 'effect' | 'provenance'>[]

/**
 * One captured success of the same trigger, as a donor of answers. What it lends is proven: the same request, whole, with no
 * value in it that is a pseudonym, after the same writes, in a world that agreed wherever both recordings looked at it.
 */
export class Donor {
  readonly baseline: SanitizedRecording
  readonly #pseudonyms: Pseudonyms
  readonly #agrees: boolean
  readonly #signatures: readonly string[]

  /**
   * @param origin the recording that the fixture was made of, where the store still has it: its `link` proves pseudonyms equal
   * @param free entries of the fixture that a baseline may answer otherwise: the culprit and the tail
   */
  constructor(
    baseline: SanitizedRecording,
    fixture: Fixture | SanitizedRecording,
    origin: SanitizedRecording | undefined,
    free: ReadonlySet<Entry>,
  ) {
    this.baseline = baseline
    this.#pseudonyms = new Pseudonyms(fixture, origin, baseline)
    this.#signatures = baseline.effects.map(entry => strictSignature(entry.effect))
    this.#agrees = agree(fixture, this, free)
  }

  /** Position of the n-th effect, from 0, with a strict signature. */
  positionOf(signature: string, nth: number): number {
    return this.#signatures.flatMap((one, at) => (one === signature ? [at] : []))[nth] ?? -1
  }

  /** Whether the entry at a position may be compared at all: no pseudonym in it, or proven ones. */
  comparable(position: number): boolean {
    return this.#pseudonyms.proven(position) !== undefined
  }

  /** What answers a call, or why what looks like it does not. */
  lend(effect: Effect, before: Asked): Loan | Likeness | undefined {
    const signature = strictSignature(effect)
    const asked = before.filter(one => strictSignature(one.effect) === signature).length
    const position = this.positionOf(signature, asked)
    const entry = this.baseline.effects[position]
    if (!entry) return undefined
    const group = this.#transactionFrom(position)
    const refusal = this.#refusal(effect, position, group !== undefined, before)
    const from = this.baseline.id
    if (refusal !== undefined) return { from, entry, refusal }
    return { from, entries: group ?? [entry] }
  }

  /** The latest answered call of the same kind and target. */
  alike(effect: Effect): Likeness | undefined {
    const loose = looseSignature(effect)
    const entry = this.baseline.effects.findLast(
      one => one.outcome.status === 'returned' && looseSignature(one.effect) === loose,
    )
    return entry && { from: this.baseline.id, entry }
  }

  /** Why the entry at a position may not be lent to a call after `before`. */
  #refusal(effect: Effect, position: number, opensWhole: boolean, before: Asked): Refusal | undefined {
    const entry = this.baseline.effects[position] as Entry
    if (!this.#agrees) return 'the baseline was answered otherwise where both asked the same'
    if (!isWhole(entry)) return 'its answer was not kept whole'
    const proven = this.#pseudonyms.proven(position)
    if (!proven || this.#pseudonyms.inRequest(effect, proven)) {
      return 'it holds values that sanitizing took, and they may have been others'
    }
    if (entry.transaction && !opensWhole) return 'its transaction cannot be borrowed whole'
    const earlier = this.baseline.effects.slice(0, position)
    if (!this.#sameChanges(earlier, before, changesData)) return 'what was written before it differs'
    return this.#sameChanges(earlier, before, setsSession) ? undefined : 'the session was set up otherwise before it'
  }

  #sameChanges(earlier: readonly Entry[], before: Asked, changes: (effect: Effect) => boolean): boolean {
    const there = earlier.flatMap(({ effect }, at) => (changes(effect) ? [at] : []))
    if (there.some(at => !this.comparable(at))) return false
    const here = before.filter(({ effect }) => changes(effect))
    if (here.some(({ provenance }) => provenance === 'authored')) return false
    return same(
      there.map(at => this.#signatures[at] as string),
      here.map(({ effect }) => strictSignature(effect)),
    )
  }

  /** The transaction that begins at a position, when each of its entries could be lent. */
  #transactionFrom(position: number): readonly Entry[] | undefined {
    const { effects } = this.baseline
    const id = effects[position]?.transaction?.id
    if (id === undefined || effects.slice(0, position).some(entry => entry.transaction?.id === id)) return undefined
    const places = effects.flatMap((entry, at) => (entry.transaction?.id === id ? [at] : []))
    const entries = places.map(at => effects[at] as Entry)
    const whole = entries.at(-1)?.transaction?.ends !== undefined
    return whole && places.every(at => this.comparable(at)) && entries.every(isWhole) ? entries : undefined
  }
}

/** Whether an effect changes what later reads may see. */
export function changesData(effect: Effect): boolean {
  return effect.write
}

/** Settings of a database session decide what an equal query answers: row security, search path. */
export function setsSession(effect: Effect): boolean {
  const text = (effect.request as { readonly text?: unknown } | null)?.text
  return effect.kind !== 'http' && typeof text === 'string' && /^\s*SET\b|\bset_config\s*\(/i.test(text)
}

/** Whether an answer is there in full, as it was. */
export function isWhole({ outcome }: Entry): boolean {
  return outcome.status === 'returned' && !/"\$flux":"Opaque"|"omitted":/.test(JSON.stringify(outcome.value ?? null))
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort())
}

/** Whether both recordings had the same answers to the same requests; those that hold pseudonyms tell nothing. */
function agree(fixture: Fixture | SanitizedRecording, donor: Donor, free: ReadonlySet<Entry>): boolean {
  const seen = new Map<string, number>()
  return fixture.effects.every(entry => {
    if (entry.provenance !== undefined || free.has(entry)) return true
    const signature = strictSignature(entry.effect)
    const nth = seen.get(signature) ?? 0
    seen.set(signature, nth + 1)
    const position = donor.positionOf(signature, nth)
    const other = donor.baseline.effects[position]
    if (!other || !donor.comparable(position)) return true
    return contentOf(entry) === contentOf(other)
  })
}

/** What was answered, without what varies of itself: headers of HTTP, how a body was cut. */
function contentOf({ effect, outcome }: Entry): string {
  if (outcome.status !== 'returned' || effect.kind !== 'http') return canonical(outcome as unknown as Json)
  const { status, body } = outcome.value as { readonly status: Json; readonly body: Json }
  const { json, text, base64 }: Partial<EncodedBody> = isEncodedBody(body) ? body : {}
  return canonical([status, json ?? null, text ?? null, base64 ?? null])
}
