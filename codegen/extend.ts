import { answersAuthored, type Effect, type Entry, type Fixture, type Json, type JsonObject } from 'flux-fixtures'
import type { Blank } from './extend-blank.ts'

/** What makes a request the one it is: without it an entry would answer others as well. */
const IDENTITY: Readonly<Record<string, readonly string[]>> = { http: ['method', 'url'], postgres: ['text'] }

/**
 * What an authored entry states of a request, with some places left out: a left-out member may be anything in a replay. Of an
 * array nothing can be left out, so it goes as a whole.
 * @param pointers into the request
 * @returns undefined when what is left out makes the request the one it is
 */
export function statedOf({ kind, request }: Effect, pointers: readonly string[]): Json | undefined {
  let stated = request as Json
  for (const pointer of pointers) {
    const path = memberOf(request as Json, tokensOf(pointer))
    if (path.length === 0) return undefined
    const [first = ''] = path
    if (path.length === 1 && (IDENTITY[kind]?.includes(first) ?? false)) return undefined
    stated = lacking(stated, path)
  }
  return stated
}

function tokensOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The innermost member of an object on the way to a place. */
function memberOf(value: Json, tokens: readonly string[]): string[] {
  let at: Json | undefined = value
  let length = 0
  for (const [index, token] of tokens.entries()) {
    if (typeof at !== 'object' || at === null) break
    if (!Array.isArray(at)) length = index + 1
    at = (at as JsonObject)[token]
    if (Array.isArray(at)) {
      length = index + 1
      break
    }
  }
  return tokens.slice(0, length)
}

function lacking(value: Json, [first, ...rest]: readonly string[]): Json {
  if (first === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const { [first]: inner, ...others } = value
  return rest.length === 0 || inner === undefined ? others : { ...value, [first]: lacking(inner, rest) }
}

/** Where added entries go: behind everything that was recorded. */
export interface AddedPlace {
  readonly index: number
  /** Milliseconds since the execution began. */
  readonly at: number
  readonly line?: string | undefined
}

/** An entry for a person to fill in; one without any value in it is complete as it is. */
export function authoredEntry(effect: Effect, stated: Json, blank: Blank, place: AddedPlace): Entry {
  const { detail: _detail, ...asked } = effect
  return {
    index: place.index,
    provenance: 'authored',
    ...(blank.holds !== 'nothing' && { unfilled: true as const }),
    ...(place.line !== undefined && { line: place.line }),
    effect: { ...asked, request: stated },
    outcome: blank.outcome,
    issuedAt: place.at,
    completedAt: place.at,
    path: '',
    bytesSent: false,
  }
}

/** An entry of a baseline as a fixture has it: answered as late as it was there. Headers of the request stay behind. */
export function borrowedEntry(entry: Entry, place: AddedPlace, transaction: number | undefined): Entry {
  const { detail: _detail, ...effect } = entry.effect
  const line = place.line ?? entry.line
  return {
    index: place.index,
    provenance: 'borrowed',
    ...(line !== undefined && { line }),
    effect,
    outcome: entry.outcome,
    issuedAt: place.at,
    completedAt: place.at + Math.max(0, (entry.completedAt ?? 0) - entry.issuedAt),
    path: entry.path,
    bytesSent: entry.bytesSent,
    ...(entry.transaction && transaction !== undefined && { transaction: { ...entry.transaction, id: transaction } }),
  }
}

/** Places for entries that are added to a fixture, one after the other; transactions get numbers of their own. */
export class Places {
  readonly #at: number
  #index: number
  #transaction: number

  constructor({ effects, clock }: Pick<Fixture, 'effects' | 'clock'>) {
    this.#at = clock.duration
    this.#index = Math.max(-1, ...effects.map(({ index }) => index))
    this.#transaction = Math.max(0, ...effects.map(({ transaction }) => transaction?.id ?? 0))
  }

  next(line: string | undefined): AddedPlace {
    return { index: ++this.#index, at: this.#at, line }
  }

  transaction(): number {
    return ++this.#transaction
  }
}

/** Entries borrowed together, in their places. */
export function borrowedEntries(entries: readonly Entry[], places: Places): Entry[] {
  const numbers = new Map<number, number>()
  return entries.map(entry => {
    const { transaction } = entry
    if (transaction && !numbers.has(transaction.id)) numbers.set(transaction.id, places.transaction())
    return borrowedEntry(entry, places.next(undefined), transaction && numbers.get(transaction.id))
  })
}

/** The entry among blanks that are still to be filled in that is for this call. */
export function presentBlank(blanks: readonly Entry[], effect: Effect): Entry | undefined {
  return blanks.find(entry => answersAuthored(entry, effect))
}
