import { borrowedEntries, type Donor, type Likeness, type Loan, Places, sqlAnswers, statusAfter } from 'flux-codegen'
import { type Effect, type Entry, type Fixture, looseSignature, strictSignature } from 'flux-fixtures'
import type { Verdict } from 'flux-replay'
import { blankFor, type Extension } from './extend-blank.ts'
import { askedOfRecording, type Replay, type Unanswered, unansweredIn } from './extend-replay.ts'

const MAX_ROUNDS = 60
/** A loop that asks the same again and again after an answer that a person has yet to give is not followed further. */
const MAX_ALIKE = 20

/** What was found by running today's code on and on. */
export interface Exploration {
  /** Of the first run, blanks left out. */
  readonly first: Verdict
  /** Of the last run, with borrowed answers and with blanks as they are. */
  readonly last: Verdict
  readonly extensions: readonly Extension[]
  /** There may be more, behind an answer that a person has yet to give. */
  readonly more: boolean
}

export interface Means {
  readonly replay: Replay
  readonly donors: readonly Donor[]
  /** Blanks of the fixture that are still to be filled in. */
  readonly blanks: readonly Entry[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly onRound: (round: number) => void
}

/**
 * Replays today's code on a fixture until it asks nothing that is unanswered. Each call is borrowed where a baseline proves its
 * answer, else gets a blank. A blank without values (a transaction opens, rows were changed) is taken as it is to see what follows;
 * behind one with values the run is followed no further than to what is asked beside it.
 *
 * @param kept the fixture without its blanks
 */
export async function explore(kept: Fixture, all: Fixture, means: Means): Promise<Exploration> {
  const state = new State(kept, all, means)
  let first: Verdict | undefined
  for (let round = 1; ; round++) {
    means.onRound(round)
    const verdict = await means.replay(state.working)
    first ??= verdict
    if (state.dropsBrokenLoan(verdict)) continue
    const done = { first, last: verdict, extensions: state.extensions }
    const asked = goesOn(verdict) ? state.nextOf(unansweredIn(verdict)) : undefined
    if (!asked) return { ...done, more: state.bounded || state.open || (goesOn(verdict) && verdict.beyond.length > 0) }
    if (round >= MAX_ROUNDS) return { ...done, more: true }
    state.answer(asked, askedOfRecording(verdict, kept), unansweredIn(verdict))
  }
}

/** Whether what a run asked beyond its fixture comes after everything that it had to ask. */
export function goesOn({ result, beyond }: Verdict): boolean {
  const past = result === 'reached-frontier' || result === 'reproduced' || result === 'fixed'
  return beyond.length > 0 && (past || result === 'different-failure')
}

class State {
  extensions: Extension[] = []
  /** A loop was not followed to its end. */
  bounded = false
  readonly #kept: Fixture
  readonly #known: string
  readonly #means: Means
  readonly #places: Places
  readonly #blanks: Entry[]
  readonly #refused = new Set<string>()
  /** How many borrowed entries answered in the run before. */
  #borrowed = 0
  /** Once an answer with values is missing: calls that were asked without it. */
  #beside: Set<string> | undefined

  constructor(kept: Fixture, all: Fixture, means: Means) {
    this.#kept = kept
    this.#known = JSON.stringify(kept)
    this.#means = means
    this.#places = new Places(all)
    this.#blanks = [...means.blanks]
  }

  /** Whether an answer with values is missing. */
  get open(): boolean {
    return this.#beside !== undefined
  }

  /** The fixture with everything found so far, blanks answering as they are. */
  get working(): Fixture {
    const found = this.extensions.flatMap(({ entries }) => entries)
    const effects = [...this.#kept.effects, ...found.map(({ unfilled: _unfilled, ...entry }) => entry)]
    return { ...this.#kept, effects }
  }

  /** A transaction that the code did not ask for whole is not borrowed at all. */
  dropsBrokenLoan(verdict: Verdict): boolean {
    const answered = verdict.effects.filter(({ source }) => source === 'borrowed').length
    const before = this.#borrowed
    this.#borrowed = answered
    const last = this.extensions.at(-1)
    if (last?.answer !== 'borrowed' || last.entries.length < 2) return false
    if (answered >= before + last.entries.length) return false
    this.#refused.add(`${last.from} ${last.entries[0]?.path}`)
    this.extensions = this.extensions.slice(0, -1)
    this.#borrowed = before
    return true
  }

  /** The first call, or one that was asked beside an answer that is missing. */
  nextOf(calls: readonly Unanswered[]): Unanswered | undefined {
    const beside = this.#beside
    if (!beside) return calls[0] && this.#isGivingUp(calls[0].effect) ? undefined : calls[0]
    return calls.find(({ effect }) => beside.has(strictSignature(effect)))
  }

  /** A rollback behind a blank says only that the blank was not what the program hoped for. */
  #isGivingUp({ request }: Effect): boolean {
    const { text } = (request ?? {}) as { readonly text?: unknown }
    const blank = this.extensions.some(({ answer }) => answer === 'blank')
    return blank && typeof text === 'string' && /^\s*(?:ROLLBACK|ABORT)\b(?!\s+TO\b)/i.test(text)
  }

  answer(call: Unanswered, recorded: readonly Entry[], calls: readonly Unanswered[]): void {
    const added = this.working.effects.filter(({ provenance }) => provenance !== undefined)
    const { loan, likeness } = this.#donated(call.effect, [...recorded, ...added])
    this.#beside?.delete(strictSignature(call.effect))
    if (loan) {
      const entries = borrowedEntries(loan.entries, this.#places)
      this.extensions.push({ call, answer: 'borrowed', from: loan.from, entries })
      return
    }
    const { extension, holds } = blankFor(call, likeness, {
      known: this.#known,
      env: this.#means.env,
      blanks: this.#blanks,
      places: this.#places,
      inTransaction: isOpen([...recorded, ...added]),
    })
    this.extensions.push(extension)
    const alike = this.extensions.filter(one => looseSignature(one.call.effect) === looseSignature(call.effect)).length
    this.bounded ||= alike >= MAX_ALIKE
    if (holds !== 'values' && extension.answer !== 'unwritten' && !this.bounded) return
    this.#beside ??= new Set(calls.filter(one => one !== call).map(({ effect }) => strictSignature(effect)))
  }

  #donated(effect: Effect, before: readonly Entry[]): { loan?: Loan; likeness?: Likeness } {
    let likeness: Likeness | undefined
    for (const donor of this.#means.donors) {
      const found = donor.lend(effect, before)
      if (found && 'entries' in found && !this.#refused.has(`${found.from} ${found.entries[0]?.path}`)) {
        return { loan: found }
      }
      likeness ??= found && 'entry' in found ? found : donor.alike(effect)
    }
    return likeness ? { likeness } : {}
  }
}

/** Whether queries left a transaction open. */
function isOpen(asked: readonly Entry[]): boolean {
  return asked.reduce((open, { effect: { kind, request } }) => {
    const { text } = (request ?? {}) as { readonly text?: unknown }
    return kind === 'postgres' && typeof text === 'string' ? statusAfter(sqlAnswers(text), open) === 'T' : open
  }, false)
}
