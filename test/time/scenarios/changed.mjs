// Programs that were changed after they were recorded: what `before` recorded, `after` is replayed on.
import { ask, sleep, told } from './asking.mjs'

/** What the changed program saw of the clocks in its last run. Time never runs backwards. */
export const seen = []

function look(what) {
  seen.push([what, Date.now(), performance.now(), Number(process.hrtime.bigint()) / 1e6])
}

export const addedSleep = {
  async before() {
    const start = Date.now()
    await ask('/after/200')
    await ask('/after/100')
    return Date.now() - start
  },
  async after() {
    seen.length = 0
    look('start')
    await ask('/after/200')
    look('first')
    await sleep(1500)
    look('slept')
    await ask('/after/100')
    look('second')
  },
  /** The least milliseconds between two looks. */
  least: { 'start first': 190, 'first slept': 1499, 'slept second': 0 },
}

export const removedSleep = {
  async before() {
    const start = Date.now()
    await ask('/after/100')
    await sleep(800)
    await ask('/after/100')
    return Date.now() - start
  },
  async after() {
    seen.length = 0
    look('start')
    await ask('/after/100')
    look('first')
    await ask('/after/100')
    look('second')
  },
  least: { 'start first': 95, 'first second': 0 },
}

export const addedBackoff = {
  async before() {
    const { status } = await ask('/flaky/changed/1/60')
    if (status !== 200) throw new Error(`answered ${status}`)
    return status
  },
  async after() {
    seen.length = 0
    look('start')
    const { status } = await ask('/flaky/changed/1/60')
    look('first')
    if (status === 200) return
    await sleep(3000)
    look('waited')
    await ask('/flaky/changed/1/60')
    look('second')
  },
  least: { 'start first': 55, 'first waited': 2999 },
  result: 'reached-frontier',
}

export const longerTimeout = {
  async before() {
    const answer = ask('/after/500')
    await Promise.race([answer, sleep(200).then(() => Promise.reject(new Error('too slow')))])
  },
  async after() {
    seen.length = 0
    look('start')
    await Promise.race([ask('/after/500'), sleep(2000).then(() => Promise.reject(new Error('too slow')))])
    look('answered')
  },
  least: { 'start answered': 490 },
}

export const shorterTimeout = {
  async before() {
    await Promise.race([ask('/after/600'), sleep(2000)])
    throw new Error('not what was wanted')
  },
  async after() {
    seen.length = 0
    look('start')
    const first = await Promise.race([ask('/after/600'), sleep(150, 'timer')])
    look(first)
  },
  least: { 'start timer': 149 },
}

export const moreClockReads = {
  async before() {
    const start = Date.now()
    await ask('/after/120')
    const middle = performance.now()
    await sleep(90)
    return [Date.now() - start, performance.now() - middle]
  },
  async after() {
    seen.length = 0
    for (let read = 0; read < 5; read++) look('start')
    await ask('/after/120')
    for (let read = 0; read < 5; read++) look('answered')
    await sleep(90)
    for (let read = 0; read < 5; read++) look('slept')
  },
  least: { 'start answered': 115, 'answered slept': 85 },
}

export const madeParallel = {
  async before() {
    const start = Date.now()
    await ask('/after/300')
    await ask('/after/200')
    return Date.now() - start
  },
  async after() {
    seen.length = 0
    look('start')
    await Promise.all([ask('/after/300'), ask('/after/200').then(() => look('second'))])
    look('both')
  },
  least: { 'start both': 290 },
}

export const addedHeartbeat = {
  async before() {
    await ask('/after/150')
    return 'done'
  },
  async after() {
    seen.length = 0
    look('start')
    setInterval(() => look('beat'), 100)
    await ask('/after/150')
    await new Promise(() => {})
  },
  least: {},
  result: 'not-replayable',
  reason: 'interval of 100 ms',
}

export const addedDeadline = {
  async before() {
    return (await ask('/after/400')).after
  },
  async after() {
    seen.length = 0
    look('start')
    try {
      await ask('/after/400', { signal: AbortSignal.timeout(5000) })
      look('answered')
    } catch (error) {
      look(told(error))
    }
  },
  least: { 'start answered': 390 },
}
