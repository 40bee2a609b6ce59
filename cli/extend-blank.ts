import { authoredEntry, type Blank, blankOf, type Likeness, type Places, presentBlank, statedOf } from 'flux-codegen'
import { differences, type Entry, type FieldDifference, type Json, scan } from 'flux-fixtures'
import type { Unanswered } from './extend-replay.ts'

/** What became of one call beyond the recording. */
export interface Extension {
  readonly call: Unanswered
  /** `authored`: complete as it is, there is no value in its answer. `unwritten`: its request may not stand in a file. */
  readonly answer: 'borrowed' | 'authored' | 'blank' | 'unwritten'
  /** The baseline that it is borrowed from. */
  readonly from?: string
  readonly entries: readonly Entry[]
  /** Places of the request that were left out, because they hold what may not be written. */
  readonly left?: readonly string[]
  /** A baseline's answer to another request, or one that may not be borrowed. */
  readonly proposal?: Likeness & { readonly differences: readonly FieldDifference[] }
}

/** What a blank is written with. */
export interface BlankMeans {
  /** A sanitized text: what stands in it may be written. */
  readonly known: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Blanks of the fixture that no call has claimed yet; a claimed one is taken out. */
  readonly blanks: Entry[]
  readonly places: Places
  readonly inTransaction: boolean
}

/** The blank for a call that nothing lends an answer to; one that is in the fixture already stays as it is. */
export function blankFor(
  call: Unanswered,
  likeness: Likeness | undefined,
  { known, env, blanks, places, inTransaction }: BlankMeans,
): { readonly extension: Extension; readonly holds: Blank['holds'] } {
  const { effect } = call
  const { target, request } = effect as typeof effect & { readonly request: Json }
  const { outcome, holds } = blankOf(effect, likeness?.entry, inTransaction)
  const found = scan({ target, request }, known, env)
  const left = found.flatMap(path => (path.startsWith(REQUEST) ? [path.slice(REQUEST.length)] : []))
  const stated = left.length < found.length ? undefined : statedOf(effect, left)
  const proposal = likeness && { ...likeness, differences: differencesWithout(likeness.entry, request, left) }
  const more = { ...(left.length > 0 && { left }), ...(proposal && { proposal }) }
  if (stated === undefined) {
    return { extension: { call: withoutTarget(call), answer: 'unwritten', entries: [], left: found, ...more }, holds }
  }
  const present = presentBlank(blanks, effect)
  if (present) blanks.splice(blanks.indexOf(present), 1)
  const entry = present ?? authoredEntry(effect, stated, { outcome, holds }, places.next(call.line))
  return { extension: { call, answer: entry.unfilled ? 'blank' : 'authored', entries: [entry], ...more }, holds }
}

const REQUEST = '/request'

/** What may not be written is not shown either. */
function differencesWithout({ effect }: Entry, request: Json, left: readonly string[]): FieldDifference[] {
  const hidden = (path: string) =>
    left.some(one => path === one || path.startsWith(`${one}/`) || one.startsWith(`${path}/`))
  return differences(effect.request as Json, request).filter(({ path }) => !hidden(path))
}

/** An address may hold what its query does. */
function withoutTarget(call: Unanswered): Unanswered {
  const method = /^[A-Z]+ (?=https?:)/.exec(call.target)?.[0]
  return { ...call, target: method === undefined ? '(not shown)' : `${method}(not shown)` }
}
