import { digestOf, type Fixture } from 'flux-fixtures'
import type { ReplayEntry } from './drive.ts'
import { isBeyond, judge } from './judge.ts'
import type { Machine } from './machine.ts'
import { type Plan, planOf } from './plan.ts'
import { run } from './run.ts'
import type { Verdict } from './verdict.ts'

/** How a replay is to be made. */
export interface ReplayOptions {
  /** The replay is to prove the fixture, so none is asked of it. */
  readonly proving?: boolean
}

/**
 * Runs a program on the fixture that controls it and says what happened. Nothing is performed.
 * @throws FluxError `FLUX_ENTRY_EXPORT` when the entry cannot be called for this trigger
 */
export async function replayOn(machine: Machine, entry: ReplayEntry, options: ReplayOptions = {}): Promise<Verdict> {
  const { fixture } = machine
  const refusal = refusalOf(machine, options)
  if (refusal !== undefined) return refuse(fixture, refusal)
  const plan = planned(fixture)
  const first = await run(machine, plan, entry, false)
  const probe = isBeyond(plan, first) && first.leaks.length === 0 ? await run(machine, plan, entry, true) : undefined
  return judge(fixture, plan, first, probe)
}

const plans = new WeakMap<Fixture, Plan>()

function planned(fixture: Fixture): Plan {
  const plan = plans.get(fixture) ?? planOf(fixture)
  plans.set(fixture, plan)
  return plan
}

const digests = new WeakMap<Fixture, string>()

function digested(fixture: Fixture): string {
  const digest = digests.get(fixture) ?? digestOf(fixture)
  digests.set(fixture, digest)
  return digest
}

function refusalOf({ fixture, zoneHolds }: Machine, options: ReplayOptions): string | undefined {
  if (!zoneHolds) return 'timezone'
  if (options.proving || !fixture.failure) return undefined
  if (!fixture.proof) return 'unproven'
  return fixture.proof.of === digested(fixture) ? undefined : 'the proof is for another recording'
}

function refuse(fixture: Fixture, reason: string): Verdict {
  const { failure } = fixture
  return {
    result: 'not-replayable',
    reason,
    id: fixture.id,
    recorded: { ...(failure?.status !== undefined && { status: failure.status }) },
    effects: [],
    orphans: [],
    bound: [],
    beyond: [],
    divergences: [],
    leaks: [],
    warnings: [],
    clock: { startedAt: fixture.clock.startedAt, endedAt: fixture.clock.startedAt },
  }
}
