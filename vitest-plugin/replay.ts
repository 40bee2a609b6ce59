import type { ReplayEntry, Verdict } from 'flux-replay'
import { replayArmed } from 'flux-replay/runner'
import './matcher.ts'

export type { ReplayEntry, Verdict } from 'flux-replay'

/**
 * Runs `entry` on the fixture named by this file's `// @flux-fixture` line. Nothing is performed.
 * @returns what happened, for `expect(execution).toBeFixed()`
 * @throws FluxError `FLUX_NOT_ARMED` when the plugin is missing, `FLUX_ENTRY_EXPORT` when the entry cannot be called
 */
export async function replay(entry: ReplayEntry): Promise<Verdict> {
  return await replayArmed(entry)
}
