import { beyondFailure, borrowedEntries, Places } from 'flux-codegen'
import type { Fixture, Store } from 'flux-fixtures'
import { planOf } from 'flux-replay'
import { donorsOf } from './extend-donors.ts'

/** A fixture with what a baseline lends it. */
export interface WithBorrowed {
  readonly fixture: Fixture
  /** The baseline that lends. */
  readonly from?: string
}

/**
 * A fresh fixture with what the newest baseline that can lend anything proves beyond the failure. One that holds answers of a person
 * or of a baseline stays as it is.
 */
export async function withBorrowed(fixture: Fixture, store: Store): Promise<WithBorrowed> {
  if (!fixture.failure || fixture.effects.some(({ provenance }) => provenance !== undefined)) return { fixture }
  const { recorded, tail } = planOf(fixture)
  const before = recorded.filter(entry => !tail.has(entry))
  const origin = await store.read(fixture.id).catch(() => undefined)
  for (const donor of await donorsOf(fixture, store, origin)) {
    const { from, entries } = beyondFailure(donor, before)
    if (entries.length === 0) continue
    return {
      from,
      fixture: { ...fixture, effects: [...fixture.effects, ...borrowedEntries(entries, new Places(fixture))] },
    }
  }
  return { fixture }
}
