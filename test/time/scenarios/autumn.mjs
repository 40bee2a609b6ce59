// Berlin, 25 October 2026: at three in the morning it is two again. The production starts two seconds before.
import { ask, sleep } from './asking.mjs'

const local = date => [date.getHours(), date.getMinutes(), date.getTimezoneOffset()]

export async function clockStrikesTwice() {
  const seen = []
  for (let look = 0; look < 16; look++) {
    const now = new Date()
    seen.push([...local(now), now.toLocaleTimeString('de-DE', { timeZoneName: 'short' })])
    await sleep(250)
  }
  return seen
}

/** A job that runs once an hour by the local clock. */
export async function hourlyJobRunsAgain() {
  const ran = new Map()
  for (let look = 0; look < 12; look++) {
    const hour = new Date().getHours()
    if (!ran.has(hour)) ran.set(hour, (await ask(`/after/${20 + hour}`)).after)
    await sleep(300)
  }
  return [...ran]
}

/** Four seconds ahead by the local clock are an hour and four seconds: of the two times of that name the setter takes the later. */
export async function localDeadline() {
  const deadline = new Date()
  deadline.setSeconds(deadline.getSeconds() + 4)
  const left = []
  while (Date.now() < deadline.getTime() && left.length < 8) {
    left.push([deadline.getTime() - Date.now(), deadline.toString()])
    await sleep(500)
  }
  return left
}

export async function nextDays() {
  await sleep(2500)
  const days = []
  for (let day = 0; day < 3; day++) {
    const date = new Date()
    date.setDate(date.getDate() + day)
    date.setHours(2, 30, 0, 0)
    days.push([date.toISOString(), date.toString(), date.getTimezoneOffset()])
  }
  return days
}
