import type { Entry, Fixture } from 'flux-fixtures'
import { signatureOf } from './world.ts'

/** Ways to falsify a recording, each of which the property test must notice. */
export const TAMPERINGS = ['answers', 'order', 'clock', 'draws', 'entry'] as const
export type Tampering = (typeof TAMPERINGS)[number]

/** @returns undefined when there is nothing to falsify */
export function tamper(fixture: Fixture, how: Tampering): Fixture | undefined {
  const { effects, clock, random } = fixture
  if (how === 'clock') {
    const reads = clock.reads.map(read => (read.kind === 'date' ? { ...read, value: Number(read.value) + 1 } : read))
    return clock.reads.some(read => read.kind === 'date') ? { ...fixture, clock: { ...clock, reads } } : undefined
  }
  if (how === 'draws') {
    const draws = random.draws.map(draw => (draw.kind === 'math' ? { ...draw, value: 0.5 } : draw))
    return random.draws.some(draw => draw.kind === 'math') ? { ...fixture, random: { draws } } : undefined
  }
  if (how === 'entry') return { ...fixture, effects: effects.slice(1) }
  const pair = pairOf(effects, how)
  if (!pair) return undefined
  const [left, right] = pair
  const swap = (entry: Entry): Entry => {
    const other = entry === left ? right : entry === right ? left : undefined
    if (!other) return entry
    if (how === 'answers') return { ...entry, outcome: other.outcome }
    return { ...entry, completion: other.completion as number, completedAt: other.completedAt as number }
  }
  return { ...fixture, effects: effects.map(swap) }
}

/** Two entries that were under way at the same time and returned: with the same request for `answers`. */
function pairOf(effects: readonly Entry[], how: 'answers' | 'order'): readonly [Entry, Entry] | undefined {
  const plain = effects.filter(({ outcome, end }) => outcome.status === 'returned' && end === undefined)
  for (const left of plain) {
    for (const right of plain) {
      if (left.index >= right.index || right.issuedAt >= (left.completedAt ?? 0)) continue
      if (how === 'order' || signatureOf(left.effect) === signatureOf(right.effect)) return [left, right]
    }
  }
  return undefined
}
