// AbortSignal: timeouts, unions, and who hears of them.
import { EventEmitter, once } from 'node:events'
import { setInterval as every, setTimeout as wait } from 'node:timers/promises'
import { ask, askHttp, stopwatch, told, urlOf } from './asking.mjs'

async function outcome(promise) {
  const elapsed = stopwatch()
  try {
    return { value: await promise, elapsed: elapsed() }
  } catch (error) {
    return { error: told(error), message: error.message, elapsed: elapsed() }
  }
}

export const signalFires = () => outcome(ask('/after/1000', { signal: AbortSignal.timeout(200) }))
export const signalSpared = () => outcome(ask('/after/120', { signal: AbortSignal.timeout(900) }))
export const tenSecondSignalSpared = () => outcome(ask('/after/9700', { signal: AbortSignal.timeout(10_000) }))
export const tenSecondSignalFires = () => outcome(ask('/after/10400', { signal: AbortSignal.timeout(10_000) }))
export const signalOnHttp = () => outcome(askHttp('/after/900', { signal: AbortSignal.timeout(150) }))
export const signalMidBody = () =>
  outcome(fetch(urlOf('/pieces/20,60,60,400,60'), { signal: AbortSignal.timeout(300) }).then(answer => answer.text()))

export async function signalNearTies() {
  const results = []
  for (let round = 0; round < 8; round++) {
    const { value, error } = await outcome(ask('/after/25', { signal: AbortSignal.timeout(25 + (round % 3)) }))
    results.push(value ? 'answer' : error)
  }
  return results
}

export async function userBeforeTimeout() {
  const user = new AbortController()
  setTimeout(() => user.abort(new Error('user left')), 90)
  return await outcome(ask('/after/800', { signal: AbortSignal.any([AbortSignal.timeout(400), user.signal]) }))
}

export async function timeoutBeforeUser() {
  const user = new AbortController()
  const timer = setTimeout(() => user.abort(new Error('user left')), 500)
  const result = await outcome(ask('/after/800', { signal: AbortSignal.any([AbortSignal.timeout(110), user.signal]) }))
  clearTimeout(timer)
  return result
}

export async function onceWithSignal() {
  const emitter = new EventEmitter()
  setTimeout(() => emitter.emit('late'), 300)
  setTimeout(() => emitter.emit('early', 7), 60)
  const early = await outcome(once(emitter, 'early', { signal: AbortSignal.timeout(150) }))
  const late = await outcome(once(emitter, 'late', { signal: AbortSignal.timeout(100) }))
  return { early, late }
}

export async function sleepAborted() {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 70)
  return await outcome(wait(5000, 'slept', { signal: controller.signal }))
}

export async function intervalAborted() {
  const beats = []
  const elapsed = stopwatch()
  const result = await outcome(
    (async () => {
      for await (const _ of every(40, undefined, { signal: AbortSignal.timeout(170) })) beats.push(elapsed().date)
    })(),
  )
  return { beats, result }
}

export async function listenersOfASignal() {
  const heard = []
  const signal = AbortSignal.timeout(80)
  signal.addEventListener('abort', () => heard.push(`listener ${signal.reason.name} ${signal.reason.code}`))
  signal.onabort = () => heard.push('handler')
  const before = signal.aborted
  await wait(200)
  try {
    signal.throwIfAborted()
  } catch (error) {
    heard.push(told(error), error.message)
  }
  return { before, heard }
}

export async function sharedDeadline() {
  const signal = AbortSignal.timeout(260)
  const results = []
  for (const path of ['/after/80', '/after/70', '/after/300', '/after/10']) {
    const { value, error } = await outcome(ask(path, { signal }))
    results.push(value?.after ?? error)
  }
  return results
}
