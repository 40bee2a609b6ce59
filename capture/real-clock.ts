/** The real clocks, taken before anything could replace them. */
export const realNow: () => number = Date.now
export const performanceNow: () => number = performance.now.bind(performance)

/** `process.hrtime` at the time origin of `performance`, in nanoseconds. */
const HRTIME_ORIGIN = process.hrtime.bigint() - BigInt(Math.round(performanceNow() * 1e6))

/** What `process.hrtime` reads, in nanoseconds, when `performance.now` reads `milliseconds`. */
export function hrtimeAt(milliseconds: number): string {
  return String(HRTIME_ORIGIN + BigInt(Math.round(milliseconds * 1e6)))
}

const nextTurn = setImmediate
let turn = 0
let isCounted = false

/** Counts the turns of the event loop that anything happens in. Immediates run between two of them. */
export function currentTurn(): number {
  if (!isCounted) {
    isCounted = true
    nextTurn(() => {
      turn++
      isCounted = false
    }).unref()
  }
  return turn
}
