// Everything that a program can read time from.
import { performance as hooks } from 'node:perf_hooks'
import { ask, sleep } from './asking.mjs'

function readings() {
  return {
    date: Date.now(),
    made: new Date().getTime(),
    performance: performance.now(),
    hooks: hooks.now(),
    hrtime: process.hrtime().map(Number),
    // Whole, it may have the digits of a card: sanitizing would replace it.
    bigint: Number(process.hrtime.bigint() % 1_000_000_000n),
    uptime: process.uptime(),
  }
}

export async function everyClock() {
  const all = [readings()]
  await sleep(90)
  all.push(readings())
  await ask('/after/60')
  all.push(readings())
  const [first, second, third] = all.map(({ hrtime }) => hrtime)
  return { all, since: process.hrtime(first), second, third }
}

export async function manyReads() {
  const seen = []
  for (let round = 0; round < 20; round++) {
    for (let read = 0; read < 5; read++) seen.push([Date.now(), performance.now()])
    await sleep(round % 4)
  }
  return seen
}

/** Two clocks of one program tell of the same time. */
export async function clocksAgree() {
  const [date, exact, nano] = [Date.now(), performance.now(), process.hrtime.bigint()]
  const apart = []
  for (const path of ['/after/40', '/after/80']) {
    await ask(path)
    await sleep(35)
    const elapsed = Date.now() - date
    apart.push([elapsed, performance.now() - exact, Number(process.hrtime.bigint() - nano) / 1e6])
  }
  return apart
}

export async function spinsForAWhile() {
  const until = performance.now() + 1
  let spins = 0
  while (performance.now() < until) spins++
  await sleep(5)
  const then = Date.now() + 1
  while (Date.now() < then) spins++
  return spins
}

export async function datesAsText() {
  const texts = []
  for (let round = 0; round < 3; round++) {
    const now = new Date()
    texts.push(
      now.toISOString(),
      now.toString(),
      now.toLocaleString(),
      now.toLocaleString('de-DE'),
      Date().slice(0, 24),
    )
    await sleep(15)
  }
  return texts
}

export async function intlOfNow() {
  const exact = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', dateStyle: 'full', timeZone: 'UTC' })
  const parts = new Intl.DateTimeFormat('en-GB', { second: '2-digit', fractionalSecondDigits: 3 })
  const texts = []
  for (let round = 0; round < 3; round++) {
    texts.push(exact.format(), parts.format(), parts.formatToParts().at(-1).value)
    await sleep(11)
  }
  return texts
}

export async function marksAndMeasures() {
  const begin = performance.mark('time-begin')
  await ask('/after/50')
  const end = performance.mark('time-end')
  const { duration, startTime } = performance.measure('time-asking', 'time-begin', 'time-end')
  performance.clearMarks('time-begin')
  performance.clearMarks('time-end')
  performance.clearMeasures('time-asking')
  return { begin: begin.startTime, end: end.startTime, duration, startTime }
}

export async function timeStampsOfEvents() {
  const target = new EventTarget()
  const stamps = []
  target.addEventListener('beat', event => stamps.push(event.timeStamp))
  for (let beat = 0; beat < 3; beat++) {
    target.dispatchEvent(new Event('beat'))
    await sleep(20)
  }
  return stamps
}

export async function originOfTime() {
  const before = performance.timeOrigin + performance.now()
  await sleep(25)
  return { before, origin: performance.timeOrigin, json: performance.toJSON().timeOrigin }
}

/** `Temporal` where the version of Node has it. */
export async function temporalNow() {
  const { Temporal } = globalThis
  if (Temporal === undefined) return 'absent'
  const first = Temporal.Now.instant().epochMilliseconds
  await sleep(30)
  const zone = Temporal.Now.timeZoneId()
  return { first, later: Temporal.Now.instant().epochMilliseconds, day: String(Temporal.Now.plainDateISO()), zone }
}
