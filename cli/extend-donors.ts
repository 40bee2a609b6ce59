import { existsSync } from 'node:fs'
import { Donor } from 'flux-codegen'
import { type Entry, type Fixture, openDirectoryStore, type SanitizedRecording, type Store } from 'flux-fixtures'
import { planOf } from 'flux-replay'
import { sameTrigger } from './recording.ts'

/** How many baselines of a trigger are looked at, newest first. */
const MAX_DONORS = 10

/** The captured successes of a fixture's trigger, newest first; undefined where there is no store. */
export async function donorsIn(directory: string, fixture: Fixture): Promise<Donor[] | undefined> {
  if (!existsSync(directory)) return undefined
  const store = openDirectoryStore(directory)
  const origin = await store.read(fixture.id).catch(() => undefined)
  return await donorsOf(fixture, store, origin)
}

/** {@link donorsIn}, of an open store. @param origin the recording that the fixture was made of */
export async function donorsOf(
  fixture: Fixture | SanitizedRecording,
  store: Store,
  origin: SanitizedRecording | undefined,
): Promise<Donor[]> {
  const donors: Donor[] = []
  const free = freeEntries(fixture)
  for await (const summary of store.list({ kind: fixture.trigger.kind })) {
    if ('corrupt' in summary || summary.fingerprint !== undefined) continue
    const baseline = await store.read(summary.id).catch(() => undefined)
    if (!baseline || baseline.failure || !sameTrigger(baseline.trigger, fixture.trigger)) continue
    donors.push(new Donor(baseline, fixture, origin, free))
    if (donors.length === MAX_DONORS) break
  }
  return donors
}

/**
 * What a baseline may have had otherwise: the culprit, and what came after the failure. A write that was answered otherwise left
 * another world behind.
 */
function freeEntries(fixture: Fixture | SanitizedRecording): ReadonlySet<Entry> {
  const { culprit, tail } = planOf(fixture)
  return new Set([...tail, ...(culprit && !culprit.effect.write ? [culprit] : [])])
}
