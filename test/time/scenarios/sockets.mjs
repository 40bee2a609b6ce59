// Time-outs of http and of sockets: an answer that is late, idle or never comes.
import http from 'node:http'
import axios from 'axios'
import { request as undiciRequest } from 'undici'
import { ask, askHttp, sleep, stopwatch, told, urlOf } from './asking.mjs'

async function outcome(promise) {
  const elapsed = stopwatch()
  try {
    const value = await promise
    return { value: value.status, elapsed: elapsed() }
  } catch (error) {
    return {
      error: told(error),
      message: error.message.replace(/\d+\.\d+\.\d+\.\d+:\d+/, 'upstream'),
      elapsed: elapsed(),
    }
  }
}

export const httpTimeoutFires = () => outcome(askHttp('/after/1200', { timeout: 200 }))
export const httpTimeoutSpared = () => outcome(askHttp('/after/180', { timeout: 900 }))
export const tenSecondHttpTimeout = () => outcome(askHttp('/after/10900', { timeout: 10_000 }))
export const tenSecondHttpSpared = () => outcome(askHttp('/after/9600', { timeout: 10_000 }))
/** Asks for no time-out: the 5 s are those of Node's shared agent. */
export const tenSecondSharedAgent = () => outcome(askHttp('/after/10700', { headers: { 'x-agent': 'shared' } }))
export const axiosTimeoutFires = () => outcome(axios.get(urlOf('/after/900'), { timeout: 150 }))
export const axiosTimeoutSpared = () => outcome(axios.get(urlOf('/after/90'), { timeout: 800 }))
export const idleBetweenPieces = () => outcome(askHttp('/pieces/30,60,60,700', { timeout: 250 }))
export const resetOnHttp = () => outcome(askHttp('/reset/110', { timeout: 900 }))
export const cutBodyOnHttp = () => outcome(askHttp('/cut/40,40'))
export const undiciHeadersTimeout = () => outcome(asked('/after/5000', { headersTimeout: 1000 }))
export const undiciBodyTimeout = () => outcome(asked('/pieces/20,20,4000', { bodyTimeout: 1000 }))

async function asked(path, options) {
  const { statusCode, body } = await undiciRequest(urlOf(path), options)
  await body.text()
  return { status: statusCode }
}

export function requestSetTimeout() {
  const elapsed = stopwatch()
  return new Promise(resolve => {
    const request = http.get(urlOf('/after/700'))
    request.setTimeout(130, () => {
      const at = elapsed()
      request.destroy()
      request.on('close', () => resolve({ at, destroyed: request.destroyed }))
    })
    request.on('error', () => {})
  })
}

/** A time-out tells and destroys nothing: the answer still comes. */
export function timeoutThatOnlyTells() {
  const elapsed = stopwatch()
  const seen = []
  return new Promise((resolve, reject) => {
    const request = http.get(urlOf('/after/500'), { timeout: 150 }, response => {
      seen.push(['head', elapsed().date])
      response.resume().on('end', () => resolve(seen))
    })
    request.on('timeout', () => seen.push(['timeout', elapsed().date]))
    request.on('error', reject)
  })
}

export async function agentTimeout() {
  const agent = new http.Agent({ keepAlive: true, timeout: 160 })
  try {
    return {
      late: await outcome(askHttp('/after/800', { agent })),
      soon: await outcome(askHttp('/after/20', { agent })),
    }
  } finally {
    agent.destroy()
  }
}

/** A kept connection lies idle between two requests. */
export async function idleConnection() {
  const agent = new http.Agent({ keepAlive: true })
  const first = await outcome(askHttp('/after/20', { agent, timeout: 200 }))
  await sleep(400)
  const second = await outcome(askHttp('/after/20', { agent, timeout: 200 }))
  agent.destroy()
  return { first, second }
}

export async function gaveUpOnSilence() {
  const controller = new AbortController()
  const elapsed = stopwatch()
  const timer = setTimeout(() => controller.abort(new Error('gave up')), 300)
  try {
    return await ask('/never', { signal: controller.signal })
  } catch (error) {
    return { error: told(error), message: error.message, elapsed: elapsed() }
  } finally {
    clearTimeout(timer)
  }
}

export async function uncaughtTimeout() {
  const { status } = await askHttp('/after/900', { timeout: 140 })
  return status
}
