// What never ended in production: the process was stopped while it waited. A replay must end, and find the same.
import { ask, sleep } from './asking.mjs'

export async function heartbeatForever() {
  let beats = 0
  setInterval(() => beats++, 100)
  await ask('/after/50')
  await new Promise(() => {})
}

export async function neverAnswered() {
  return await ask('/never')
}

export async function heartbeatBesideSilence() {
  let beats = 0
  const heart = setInterval(() => beats++, 200)
  await ask('/never')
  clearInterval(heart)
  return beats
}

export async function nothingLeftToWaitFor() {
  await sleep(50)
  await new Promise(() => {})
}
