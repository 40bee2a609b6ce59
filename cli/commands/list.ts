import { type CorruptRecording, FluxError, openDirectoryStore, type Query, type RecordingSummary } from 'flux-fixtures'
import type { Flags, Run } from '../command.ts'
import { readSettings, storeDirectoryOf } from '../settings.ts'
import { type Cell, table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { durationText, printable, short, timeText } from '../terminal/text.ts'

const DEFAULT_LIMIT = 50
const SHORTEST_ID = 8
const UNITS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 }

/** `flux list`: what was captured, newest first. */
export const run: Run = async (_args, flags, terminal) => {
  const { limit, ...query } = queryOf(flags, Date.now())
  const directory = storeDirectoryOf(await readSettings(flags, terminal))
  const store = openDirectoryStore(directory)
  const ids = await store.find('')
  const recordings: RecordingSummary[] = []
  const corrupt: CorruptRecording[] = []
  let more = false
  for await (const found of store.list(query)) {
    if ('corrupt' in found) corrupt.push(found)
    else if (recordings.length < limit) recordings.push(found)
    else more = true
    if (more) break
  }
  terminal.document({ recordings, corrupt })
  if (recordings.length > 0) show(recordings, ids, terminal)
  else if (ids.length > 0) terminal.out('No recording matches.')
  else sayHow(directory, terminal)
  if (more && !terminal.asJson) terminal.err(`There is more: flux list --limit ${limit * 2}`)
  for (const { id, corrupt: what } of corrupt) {
    terminal.err(`flux: the recording ${id} is corrupt: it ${printable(what)}.`)
  }
  return 0
}

function show(recordings: readonly RecordingSummary[], ids: readonly string[], terminal: Terminal): void {
  const { dim, red, green } = terminal.paint
  const rows = recordings.map((recording): Cell[] => {
    const failed = recording.fingerprint !== undefined
    const status = recording.status === undefined ? (failed ? 'failed' : 'ok') : String(recording.status)
    return [
      { text: timeText(recording.startedAt), paint: dim },
      { text: status, paint: failed ? red : green },
      { text: short(recording.trigger, 60) },
      { text: durationText(recording.duration), align: 'right' },
      { text: prefixOf(recording.id, ids) },
    ]
  })
  for (const [index, line] of table(rows).entries()) {
    terminal.out(line)
    const error = recordings[index]?.error
    if (error) terminal.out(`    ${printable(error.class)}: ${short(error.message, 100)}`)
  }
}

function sayHow(store: string, terminal: Terminal): void {
  terminal.out(`Nothing was captured yet in ${printable(store)}.`)
  terminal.out('Start the service with `node --import flux-capture/register server.js` and let a request fail.')
}

/** The shortest beginning of an id that no other has; `ids` are in order, so only neighbours can share one. */
export function prefixOf(id: string, ids: readonly string[]): string {
  const at = ids.indexOf(id)
  const shared = [ids[at - 1], ids[at + 1]].map(other => sharedLength(id, other ?? ''))
  return id.slice(0, Math.max(SHORTEST_ID, ...shared.map(length => length + 1)))
}

function sharedLength(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

function queryOf(flags: Flags, now: number): Query & { readonly limit: number } {
  const { limit = String(DEFAULT_LIMIT), since, status } = flags as Record<string, string | undefined>
  if (!/^[1-9]\d{0,8}$/.test(limit)) throw new FluxError('FLUX_USAGE', '--limit must be a whole number from 1 on.')
  const from = since === undefined ? undefined : sinceOf(since, now)
  if (from !== undefined && Number.isNaN(from)) {
    throw new FluxError('FLUX_USAGE', '--since must be a time such as 30m, 1h, 7d, or a date such as 2026-01-31.')
  }
  if (status !== undefined && !/^[1-5](?:\d\d|xx)$/i.test(status)) {
    throw new FluxError('FLUX_USAGE', '--status must be a status such as 500, or a class such as 5xx.')
  }
  const asked = /^\d+$/.test(status ?? '') ? Number(status) : (status?.toLowerCase() as `${number}xx` | undefined)
  return {
    limit: Number(limit),
    ...(from !== undefined && { since: from }),
    ...(asked !== undefined && { status: asked }),
  }
}

function sinceOf(text: string, now: number): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? []
  return unit === undefined ? Date.parse(text) : now - Number(amount) * (UNITS[unit] ?? Number.NaN)
}
