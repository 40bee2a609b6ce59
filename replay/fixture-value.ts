/** What passes between a fixture, where everything is encoded, and the program. */
import type { Answer, Realm } from 'flux-capture/internal'
import {
  decode,
  type Effect,
  type Entry,
  encodePayload,
  type Fixture,
  FluxError,
  type Json,
  type Outcome,
  type SignedEntry,
  strictSignature,
} from 'flux-fixtures'

/** A call's effect as a fixture would have it. `request` replaces its own where the body was not known at the call. */
export function encoded(effect: Effect, request: unknown = effect.request): Effect {
  return { ...effect, request: encodePayload(request) }
}

/** An outcome of a fixture in the program's own classes: in a jest sandbox, the sandbox's. */
export function deliverable(outcome: Outcome, realm: Realm): Answer['outcome'] {
  const revive = (value: unknown) => decode(value as Json, realm.global as unknown as Parameters<typeof decode>[1])
  if (outcome.status === 'pending') throw new FluxError('FLUX_TOOL', 'A pending outcome was to be delivered.')
  if (outcome.status === 'returned') return { status: 'returned', value: revive(outcome.value) }
  const value = outcome.value === undefined ? {} : { value: revive(outcome.value) }
  return { status: 'failed', error: revive(outcome.error), ...value }
}

const signed = new WeakMap<Entry, SignedEntry>()

/** An entry with its signature, computed once for all runs. */
export function sign(entry: Entry): SignedEntry {
  const known = signed.get(entry)
  if (known) return known
  const made = { entry, signature: strictSignature(entry.effect) }
  signed.set(entry, made)
  return made
}

/** What a program sees of its environment: recorded variables as recorded, others as they are here. */
export function recordedVariable(fixture: Fixture, name: string, real: string | undefined): string | undefined {
  for (const env of [fixture.environment.env, fixture.ambient.env]) {
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (value !== undefined) return value ?? undefined
  }
  return real
}
