// Grants that run out: by the clock, by a timer, by a cache.
import { ask, sleep, stopwatch } from './asking.mjs'

/** What a client of an API with grants keeps. */
class Session {
  grant
  fetched = 0

  async get(lastsMs) {
    if (this.grant && Date.now() < this.grant.until) return this.grant.turn
    const { turn, lastsMs: lasts } = await ask(`/grant/${lastsMs}`)
    this.fetched++
    this.grant = { turn, until: Date.now() + lasts }
    return turn
  }
}

export async function grantRunsOut() {
  const session = new Session()
  const turns = []
  for (const ms of [0, 100, 150, 60, 240]) {
    await sleep(ms)
    turns.push(await session.get(220))
  }
  return { turns, fetched: session.fetched }
}

export async function grantOnTheEdge() {
  const session = new Session()
  const turns = []
  for (let use = 0; use < 12; use++) {
    turns.push(await session.get(24))
    await sleep(use % 3 === 0 ? 24 : 8)
  }
  return turns
}

/** Renewed by a timer before it runs out. */
export async function renewedEarly() {
  const elapsed = stopwatch()
  const renewed = []
  let timer
  const renew = async () => {
    const { turn, lastsMs } = await ask('/grant/151')
    renewed.push([turn, elapsed().date])
    timer = setTimeout(renew, lastsMs * 0.8)
  }
  await renew()
  await sleep(500)
  clearTimeout(timer)
  return renewed
}

/** The one that fails: after 10 s nothing is left to read from. */
export async function tenSecondGrant() {
  const { turn, lastsMs } = await ask('/grant/9800')
  const until = Date.now() + lastsMs
  const held = () => (Date.now() < until ? { turn } : undefined)
  await sleep(5000)
  const before = held().turn
  await sleep(5000)
  return { before, after: held().turn }
}

export async function sharedRenewal() {
  let pending
  let asked = 0
  const renewal = () => {
    pending ??= ask('/grant/77').finally(() => {
      pending = undefined
      asked++
    })
    return pending
  }
  const callers = [0, 1, 2, 40].map(async ms => {
    await sleep(ms)
    return (await renewal()).turn
  })
  return { turns: await Promise.all(callers), asked }
}

export async function staleWhileRevalidate() {
  const cache = new Map()
  const seen = []
  const get = async () => {
    const kept = cache.get('rate')
    const age = kept ? performance.now() - kept.at : Number.POSITIVE_INFINITY
    const load = async () => {
      const value = await ask('/turn/rate/30,30,30,30,30,30')
      cache.set('rate', { value: value.turn, at: performance.now() })
      return value.turn
    }
    if (age < 100) return ['fresh', kept.value]
    if (age > 250) return ['loaded', await load()]
    load()
    return ['stale', kept.value]
  }
  for (const ms of [0, 50, 90, 60, 300, 120]) {
    await sleep(ms)
    seen.push(await get())
  }
  await sleep(80)
  return seen
}

/** Seconds, as tokens state them: the boundary falls somewhere in the run. */
export async function secondsOfAClaim() {
  const expires = Math.floor(Date.now() / 1000) + 1
  const valid = []
  while (valid.length < 30) {
    const now = Math.floor(Date.now() / 1000)
    valid.push(now < expires)
    if (now >= expires) break
    await sleep(90)
  }
  return valid
}
