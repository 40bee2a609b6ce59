import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EntryPoint } from 'flux-codegen'
import { type Effect, type EffectSummary, type Entry, type Fixture, FluxError, printFixture } from 'flux-fixtures'
import type { Verdict } from 'flux-replay'
import { replayOnce } from './proof.ts'

/** A call that nothing answered: what it asked, its request encoded, and the app's line. */
export type Unanswered = EffectSummary & { readonly effect: Effect }

/** Replays today's code on a fixture. Each replay is a process of its own. */
export type Replay = (fixture: Fixture) => Promise<Verdict>

/** @throws FluxError as the replay of `flux pull` does */
export function replayer(entry: EntryPoint, root: string): Replay {
  return async fixture => {
    const folder = await mkdtemp(join(tmpdir(), 'flux-extend-'))
    try {
      const file = join(folder, 'fixture.flux.json')
      await writeFile(file, printFixture(fixture), { mode: 0o600 })
      return await replayOnce(file, entry, root)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** What a replay asked beyond its fixture, in order. */
export function unansweredIn({ beyond }: Verdict): readonly Unanswered[] {
  if (beyond.every((call): call is Unanswered => 'effect' in call)) return beyond
  throw new FluxError('FLUX_TOOL', 'A verdict does not tell what was asked beyond the recording.')
}

/** What a replay asked of its recording, in order. */
export function askedOfRecording(verdict: Verdict, fixture: Fixture): Entry[] {
  const byIndex = new Map(fixture.effects.map(entry => [entry.index, entry]))
  return verdict.effects.flatMap(({ source, index }) => {
    const entry = source === 'recorded' && index !== undefined ? byIndex.get(index) : undefined
    return entry ? [entry] : []
  })
}
