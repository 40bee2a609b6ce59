// Retries and the waits between them.
import { scheduler, setTimeout as wait } from 'node:timers/promises'
import { ask, sleep, stopwatch } from './asking.mjs'

class Unavailable extends Error {
  name = 'Unavailable'
}

/** Asks until the answer is good, waiting between tries. */
async function retried(path, waits, pause = sleep) {
  const elapsed = stopwatch()
  const tries = []
  for (const ms of [...waits, undefined]) {
    const { status } = await ask(path)
    tries.push([status, elapsed().date])
    if (status === 200) return { tries, elapsed: elapsed() }
    if (ms !== undefined) await pause(ms)
  }
  throw new Unavailable(`${path} failed ${tries.length} times`)
}

export const backoffExponential = () => retried('/flaky/exponential/3/20', [100, 200, 400])
export const backoffPromises = () => retried('/flaky/promises/2/10', [120, 240], ms => wait(ms))
export const backoffScheduler = () => retried('/flaky/scheduler/2/10', [130, 260], ms => scheduler.wait(ms))
export const tenSecondBackoff = () => retried('/flaky/ten/4/15', [1000, 2000, 3000, 4000])
export const backoffGivesUp = () => retried('/flaky/never/99/10', [80, 160])
export const tenSecondGivesUp = () => retried('/flaky/never-ever/99/10', [1000, 3000, 6000])

export async function backoffJitter() {
  const waits = []
  const result = await retried('/flaky/jitter/3/5', [50, 100, 200], ms => {
    const jittered = ms * (0.5 + Math.random())
    waits.push(jittered)
    return sleep(jittered)
  })
  return { ...result, waits }
}

export async function retryAfterHeader() {
  const elapsed = stopwatch()
  const response = await fetch(`${process.env.UPSTREAM}/limited/after/1`)
  await response.text()
  const seconds = Number(response.headers.get('retry-after'))
  await sleep(seconds * 1000)
  return { first: response.status, second: await ask('/limited/after/1'), elapsed: elapsed() }
}

/** As many tries as fit: the number depends on what the clock said. */
export async function deadlineAcrossRetries() {
  const deadline = Date.now() + 500
  const left = []
  while (Date.now() < deadline) {
    await ask('/flaky/deadline/99/45')
    left.push(deadline - Date.now())
    await sleep(Math.min(70, Math.max(0, deadline - Date.now())))
  }
  return left
}

export async function circuitBreaker() {
  const seen = []
  let failures = 0
  let openUntil = 0
  for (let call = 0; call < 10; call++) {
    if (performance.now() < openUntil) seen.push('open')
    else {
      const { status } = await ask('/flaky/breaker/3/8')
      failures = status === 200 ? 0 : failures + 1
      if (failures >= 2) openUntil = performance.now() + 200
      seen.push(status)
    }
    await sleep(60)
  }
  return seen
}

export async function pollUntilReady() {
  const elapsed = stopwatch()
  for (let polls = 1; ; polls++) {
    const { done } = await ask('/ready/poll/600')
    if (done) return { polls, elapsed: elapsed() }
    await sleep(110)
  }
}

export async function slowWorkIsNotRetried() {
  let tries = 0
  const attempt = async () => {
    tries++
    return await Promise.race([ask(`/turn/retried/700,50`), sleep(200).then(() => Promise.reject(new Error('slow')))])
  }
  const answer = await attempt().catch(attempt)
  return { tries, answer }
}
