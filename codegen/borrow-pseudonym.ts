import type { Effect, Fixture, SanitizedRecording } from 'flux-fixtures'

/** Pointers, below the entry, of pseudonyms that are proven to stand for the same value in both recordings. */
export type Proven = ReadonlySet<string>

/**
 * Which values of two recordings are pseudonyms. A pseudonym means something within its own recording only; `link` alone tells
 * that two of them stand for one value.
 */
export class Pseudonyms {
  readonly #own: readonly string[]
  readonly #links = new Map<string, string>()
  readonly #baseline: SanitizedRecording
  readonly #byEntry = new Map<number, string[]>()

  constructor(
    fixture: Fixture | SanitizedRecording,
    origin: SanitizedRecording | undefined,
    baseline: SanitizedRecording,
  ) {
    this.#baseline = baseline
    const values = fixture.sanitized.map(({ path }) => textAt(fixture, path)).filter(text => text !== undefined)
    this.#own = [...new Set(values)]
    for (const [path, link] of Object.entries(origin?.link ?? {})) {
      const text = textAt(origin, path)
      if (text !== undefined) this.#links.set(text, link)
    }
    for (const { path } of baseline.sanitized) {
      const [, position, rest] = /^\/effects\/(\d+)(\/.*)$/.exec(path) ?? []
      if (rest === undefined) continue
      const places = this.#byEntry.get(Number(position)) ?? []
      this.#byEntry.set(Number(position), [...places, rest])
    }
  }

  /** The proven pseudonyms of the baseline's entry at a position; undefined when one of its pseudonyms is not. */
  proven(position: number): Proven | undefined {
    const places = this.#byEntry.get(position) ?? []
    const holds = (place: string) => {
      const path = `/effects/${position}${place}`
      const link = this.#baseline.link?.[path]
      return link !== undefined && link === this.#links.get(textAt(this.#baseline, path) ?? '')
    }
    return places.every(holds) ? new Set(places) : undefined
  }

  /** Whether a request holds a pseudonym of the fixture, the proven ones aside. */
  inRequest(effect: Effect, proven: Proven): boolean {
    const { target, request } = effect
    return leaves({ target, request }, '/effect').some(
      ([path, text]) => !proven.has(path) && this.#own.some(pseudonym => holdsPseudonym(text, pseudonym)),
    )
  }
}

/** A short one, such as a number of four digits, counts only as a whole. */
const LEAST_PART = 6

function holdsPseudonym(text: string, pseudonym: string): boolean {
  return pseudonym.length < LEAST_PART ? text === pseudonym : text.includes(pseudonym)
}

function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value === 'string' || typeof value === 'number') return [[path, String(value)]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  )
}

function textAt(value: unknown, pointer: string): string | undefined {
  let at = value
  for (const token of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Record<string, unknown>)[token.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return typeof at === 'string' || typeof at === 'number' ? String(at) : undefined
}
