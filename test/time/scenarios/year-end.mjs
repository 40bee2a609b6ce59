// New York, 31 December 2026: the production starts two seconds before the new year.
import { ask, sleep } from './asking.mjs'

export async function yearTurns() {
  const seen = []
  for (let look = 0; look < 16; look++) {
    const now = new Date()
    seen.push([now.getFullYear(), now.getUTCFullYear(), now.toLocaleDateString('en-US', { dateStyle: 'full' })])
    await sleep(250)
  }
  return seen
}

/** What is asked depends on the clock: another year is another request. */
export async function numbersOfInvoices() {
  const heard = []
  for (let invoice = 1; invoice <= 8; invoice++) {
    const period = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit' }).format(new Date())
    heard.push((await ask('/echo', { method: 'POST', body: JSON.stringify({ period, invoice }) })).heard)
    await sleep(500)
  }
  return heard
}

export async function untilMidnight() {
  const midnight = new Date()
  midnight.setHours(24, 0, 0, 0)
  // A machine that was slow to start is past it, and would sleep for a day.
  const ms = Math.min(midnight.getTime() - Date.now(), 4000)
  await sleep(ms)
  return { ms, year: new Date().getFullYear(), early: Date.now() < midnight.getTime() }
}

/** Fails in the new year only. */
export async function priceListOfTheYear() {
  const prices = { 2026: { base: 10 } }
  const before = prices[new Date().getFullYear()].base
  await sleep(3000)
  return before + prices[new Date().getFullYear()].base
}
