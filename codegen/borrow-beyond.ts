import { type Entry, looseSignature } from 'flux-fixtures'
import { changesData, type Donor, type Loan, setsSession } from './borrow.ts'

/**
 * What a baseline proves beyond the end of a recording, before any code was written that asks for it: its calls after the last one
 * that both made. Reads come up to the first write; that write is the last. Transactions stay behind: nothing holds the code of
 * tomorrow to asking for one whole.
 *
 * @param recorded entries of the recording that the failed run made before its failure, in order of issue
 */
export function beyondFailure(donor: Donor, recorded: readonly Entry[]): Loan {
  const { effects, id } = donor.baseline
  const lent: Entry[] = []
  const before = [...recorded]
  const start = afterLastShared(recorded, effects)
  for (const entry of start === undefined ? [] : effects.slice(start)) {
    if (setsSession(entry.effect)) break
    const found = entry.transaction ? undefined : donor.lend(entry.effect, before)
    const borrowed = found && 'entries' in found && found.entries[0] === entry
    if (borrowed) lent.push(entry)
    if (changesData(entry.effect)) break
    if (borrowed) before.push(entry)
  }
  return { from: id, entries: lent }
}

/** Where a baseline goes on behind what both asked, by kind and target; undefined where they share nothing. */
function afterLastShared(recorded: readonly Entry[], baseline: readonly Entry[]): number | undefined {
  let at = 0
  let shared = false
  for (const entry of recorded) {
    const found = baseline.findIndex(
      (other, index) => index >= at && looseSignature(other.effect) === looseSignature(entry.effect),
    )
    if (found < 0) continue
    shared = true
    at = found + 1
  }
  return shared || recorded.length === 0 ? at : undefined
}
