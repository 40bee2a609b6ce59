import type { Entry, Fixture } from 'flux-fixtures'

/** What a replay must account for. */
export interface Plan {
  /** Every recorded entry, in order of issue. */
  readonly recorded: readonly Entry[]
  /** Must be asked before anything beyond the recording may be. */
  readonly required: readonly Entry[]
  /** The last completion before the failure: a fix may ask it differently or not at all. */
  readonly culprit: Entry | undefined
  /** Issued after the failure or the end, never completed, or the ROLLBACK of the failing transaction: never required. */
  readonly tail: ReadonlySet<Entry>
  /** Answer after the recording, in this order: a person's entries, then those borrowed from a baseline. */
  readonly added: readonly Entry[]
}

/** Sorts the entries of a fixture by what a fix may do to them. */
export function planOf(fixture: Pick<Fixture, 'effects' | 'failure' | 'clock'>): Plan {
  const recorded = fixture.effects.filter(entry => entry.provenance === undefined)
  const added = [
    ...fixture.effects.filter(entry => entry.provenance === 'authored' && !entry.unfilled),
    ...fixture.effects.filter(entry => entry.provenance === 'borrowed'),
  ]
  const { failure } = fixture
  if (!failure) {
    const tail = new Set(recorded.filter(entry => entry.issuedAt > fixture.clock.duration))
    return { recorded, required: recorded.filter(entry => !tail.has(entry)), culprit: undefined, tail, added }
  }
  const tail = new Set(
    recorded.filter(entry => entry.index >= failure.afterIssue || entry.outcome.status === 'pending'),
  )
  for (const entry of [...recorded].reverse()) {
    if (tail.has(entry)) continue
    if (entry.transaction?.ends !== 'rollback') break
    tail.add(entry)
  }
  const before = recorded.filter(entry => !tail.has(entry) && lastCompletion(entry) <= failure.afterCompletion)
  const culprit = before.reduce<Entry | undefined>(
    (last, entry) => (last === undefined || lastCompletion(entry) > lastCompletion(last) ? entry : last),
    undefined,
  )
  const required = recorded.filter(entry => !tail.has(entry) && entry !== culprit)
  return { recorded, required, culprit, tail, added }
}

function lastCompletion(entry: Entry): number {
  return entry.end ?? entry.completion ?? Number.POSITIVE_INFINITY
}
