/** What must hold of a replay, told from its verdict and from what the program got. */
import { canonical, type Entry, type Fixture, type Json } from 'flux-fixtures'
import type { Verdict } from 'flux-replay'
import type { Heard } from './interpret.ts'
import type { Recorded } from './record.ts'
import { type Asked, numberOf, signatureOf } from './world.ts'

/** What a replay of a program gave. */
export interface Replayed {
  readonly verdict: Verdict
  readonly heard: Heard
  readonly asked: readonly Asked[]
  /** How long it took, in real milliseconds. */
  readonly tookMs: number
}

/** How long a replay may take, whatever the program asks, in real milliseconds. */
export const LIMIT_MS = 10_000

/** What is wrong with the replay of unchanged code: nothing at all may differ. */
export function unchangedFaults({ fixture, heard }: Recorded, replayed: Replayed): string[] {
  const { verdict } = replayed
  const faults = matchFaults(fixture, replayed)
  const expected = fixture.failure ? 'reproduced' : 'fixed'
  if (verdict.result !== expected) faults.push(`the verdict is ${verdict.result} (${verdict.reason}), not ${expected}`)
  const [before, now] = [heard.ended.events, replayed.heard.ended?.events ?? replayed.heard.events]
  const at = before.findIndex((event, index) => event !== now[index])
  if (at >= 0) faults.push(`event ${at}: recorded «${before[at]}», replayed «${now[at]}»`)
  else if (now.length > before.length)
    faults.push(`event ${before.length}: replayed «${now[before.length]}», none recorded`)
  if (heard.ended.how !== replayed.heard.ended?.how) {
    faults.push(`the end: recorded «${heard.ended.how}», replayed «${replayed.heard.ended?.how}»`)
  }
  // What the program left behind when it ended goes on in production and need not in a replay.
  const orphans = verdict.orphans.filter(({ index = 0 }) => index < heard.ended.performed)
  if (orphans.length > 0) faults.push(`orphans: ${JSON.stringify(orphans)}`)
  if (verdict.divergences.length > 0) faults.push(`divergences: ${JSON.stringify(verdict.divergences)}`)
  return faults
}

/** What is wrong with any replay: how answers were picked, told by an account of its own, and how long it took. */
export function matchFaults(fixture: Fixture, { asked, verdict, tookMs }: Replayed): string[] {
  const faults = tookMs > LIMIT_MS ? [`it took ${Math.round(tookMs)} ms`] : []
  if (verdict.leaks.length > 0) faults.push(`leaks: ${JSON.stringify(verdict.leaks)}`)
  if (verdict.bound.length > 0) faults.push(`bound: ${JSON.stringify(verdict.bound)}`)
  const left = new Set(fixture.effects)
  const served = verdict.effects.filter(effect => effect.source === 'recorded')
  const twice = served.filter(({ index }, at) => served.findIndex(other => other.index === index) !== at)
  for (const { index } of twice) faults.push(`entry ${index} was consumed twice`)
  let next = 0
  for (const ask of asked) {
    const candidates = [...left].filter(entry => signatureOf(entry.effect) === ask.signature)
    if (candidates.length === 0) {
      if (ask.answer !== undefined && ask.answer > 0)
        faults.push(`${ask.signature}: answered, and nothing recorded is left`)
      continue
    }
    const effect = served[next++]
    const entry = candidates.find(candidate => candidate.index === effect?.index)
    if (!entry) {
      faults.push(
        `${ask.signature} at ${ask.path}: ${candidates.length} entries left, answered by entry ${effect?.index}`,
      )
      break
    }
    left.delete(entry)
    faults.push(...answerFaults(ask, entry, candidates, effect?.ambiguous === true))
  }
  if (next < served.length) faults.push(`${served.length - next} entries were consumed and nobody asked`)
  return faults
}

function answerFaults(ask: Asked, entry: Entry, candidates: readonly Entry[], flagged: boolean): string[] {
  const { outcome } = entry
  const own = outcome.status === 'pending' ? undefined : numberOf(decoded(outcome))
  const faults: string[] = []
  if (ask.answer !== undefined && ask.answer !== own) {
    faults.push(`${ask.signature}: entry ${entry.index} holds answer ${own}, the program got ${ask.answer}`)
  }
  if (isAmbiguous(ask, entry, candidates) && !flagged) {
    faults.push(`${ask.signature} at ${ask.path}: entry ${entry.index} was picked among different answers in silence`)
  }
  return faults
}

/** Whether candidates had other outcomes and the path did not decide. */
export function isAmbiguous(ask: Asked, entry: Entry, candidates: readonly Entry[]): boolean {
  const outcomes = new Set(candidates.map(candidate => canonical(candidate.outcome as unknown as Json)))
  return outcomes.size > 1 && entry.path !== ask.path
}

/** The number is read from the encoded error: `$flux: Error` keeps own properties. */
function decoded(outcome: Exclude<Entry['outcome'], { status: 'pending' }>): Parameters<typeof numberOf>[0] {
  if (outcome.status === 'returned') return outcome
  const found = /answer (\d+)\./.exec(JSON.stringify(outcome.error))?.[1]
  return { status: 'failed', error: { number: found === undefined ? -1 : Number(found) } }
}
