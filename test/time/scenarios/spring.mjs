// Berlin, 28 March 2027: at two in the morning it is three. The production starts two seconds before.
import { ask, sleep } from './asking.mjs'

export async function hourIsMissing() {
  const seen = []
  for (let look = 0; look < 16; look++) {
    const now = new Date()
    seen.push([now.getHours(), now.getMinutes(), now.getTimezoneOffset(), now.toLocaleTimeString()])
    await sleep(250)
  }
  return seen
}

/** Set for half past two, which does not exist. */
export async function alarmInTheGap() {
  const alarm = new Date()
  alarm.setHours(2, 30, 0, 0)
  const before = alarm.getTime() - Date.now()
  await sleep(3000)
  const again = new Date()
  again.setHours(2, 30, 0, 0)
  return { before, alarm: alarm.toString(), after: again.getTime() - Date.now(), again: again.toString() }
}

/** The answer comes on the other side of the change. */
export async function answeredAfterTheChange() {
  const asked = new Date()
  const { after } = await ask('/after/4000')
  const answered = new Date()
  return {
    after,
    hours: [asked.getHours(), answered.getHours()],
    minutes: (answered - asked) / 60_000,
    texts: [asked.toString(), answered.toString()],
  }
}
