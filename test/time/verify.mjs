// Replays one fixture many times and compares each verdict with what was recorded.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

const { now, outside } = globalThis[Symbol.for('flux.test.real')]
/** A scenario that is wrong is not repeated to the end: each of its runs may wait for seconds. */
const MAX_MISSES = 3

/**
 * Writes what came out to `<folder>/<name>.json` for the table, and throws when anything is not as recorded.
 * @param expected `result`, and `value` where the production returned; `reason` is a pattern
 * @param options `turns` replays; `maxMs` for the median of their real times, or of their processor times, which others do not lengthen
 */
export async function verify(name, replay, run, expected, { folder, turns, maxMs }) {
  const times = []
  const worked = []
  const misses = []
  const verdicts = new Set()
  for (let turn = 0; turn < turns && misses.length < MAX_MISSES; turn++) {
    const before = outside.length
    const startedAt = now()
    const used = process.cpuUsage()
    const verdict = await replay(run)
    times.push(now() - startedAt)
    const { user, system } = process.cpuUsage(used)
    worked.push((user + system) / 1000)
    const performed = outside.slice(before)
    verdicts.add(JSON.stringify(verdict))
    const miss = missOf(verdict, expected, performed)
    if (miss) misses.push({ turn, ...miss })
  }
  const median = medianOf(times)
  const slow = maxMs !== undefined && Math.min(median, medianOf(worked)) >= maxMs
  const report = {
    name,
    turns: times.length,
    misses,
    verdicts: verdicts.size,
    median,
    slowest: Math.max(...times),
    slow,
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(report))
  if (misses.length > 0) throw new Error(`Not as recorded: ${JSON.stringify(misses[0], undefined, 2)}`)
  if (slow) throw new Error(`A replay took ${median.toFixed(1)} ms, more than ${maxMs} ms.`)
}

function medianOf(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

function missOf(verdict, expected, performed) {
  const { result, reason, value, error, leaks, divergences, beyond, warnings } = verdict
  const isRight =
    result === expected.result &&
    leaks.length === 0 &&
    performed.length === 0 &&
    (expected.reason === undefined || new RegExp(expected.reason).test(reason ?? '')) &&
    (!('value' in expected) || isDeepStrictEqual(plain(value), expected.value))
  if (isRight) return undefined
  const seen = { result, reason, value, error, leaks, performed, divergences, beyond, warnings }
  return { expected, seen: plain(seen) }
}

/** Of this realm, and as it is in a file. */
function plain(value) {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

/**
 * What a changed program saw of the clocks: none ran backwards, and between two looks at least so many milliseconds passed.
 * @param seen `[what, …clocks]`, in order
 * @returns what is wrong, in words
 */
export function backwards(seen, least) {
  const wrong = []
  for (const [index, look] of seen.entries()) {
    for (const [clock, time] of look.entries()) {
      if (index > 0 && clock > 0 && time < seen[index - 1][clock]) {
        wrong.push(`clock ${clock} ran back from ${seen[index - 1][clock]} to ${time} at ${look[0]}`)
      }
    }
  }
  for (const [pair, ms] of Object.entries(least)) {
    const [from, to] = pair.split(' ')
    const [before, after] = [from, to].map(what => seen.find(look => look[0] === what))
    if (!before || !after) wrong.push(`${before ? to : from} was never reached`)
    else
      for (const clock of [1, 2, 3])
        if (after[clock] - before[clock] < ms)
          wrong.push(`${pair} took ${after[clock] - before[clock]} ms on clock ${clock}`)
  }
  return wrong
}
