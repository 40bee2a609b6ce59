// Heartbeats, debouncing, batching: timers among themselves.
import nodeTimers, { setTimeout as nodeTimeout } from 'node:timers'
import { setInterval as every, setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { ask, sleep, stopwatch } from './asking.mjs'

// In jest's sandbox a look at a global costs 50 times as much.
const { sqrt } = Math

export async function heartbeatUntilAnswer() {
  let beats = 0
  const heart = setInterval(() => beats++, 50)
  const answer = await ask('/after/330')
  clearInterval(heart)
  return { beats, answer }
}

export async function tenSecondHeartbeat() {
  const beats = []
  const elapsed = stopwatch()
  const heart = setInterval(() => beats.push(elapsed().date), 250)
  const answer = await ask('/after/9900')
  clearInterval(heart)
  return { beats, answer }
}

export async function tenSecondSleeps() {
  const elapsed = stopwatch()
  const at = []
  for (let second = 0; second < 10; second++) {
    await sleep(1000)
    at.push(elapsed())
  }
  return at
}

export async function intervalOfPromises() {
  const elapsed = stopwatch()
  const beats = []
  for await (const value of every(40, 'beat')) {
    beats.push([value, elapsed().date])
    if (beats.length === 5) break
  }
  return beats
}

/** Work takes longer than the interval: beats pile up. */
export async function intervalWithSlowWork() {
  const elapsed = stopwatch()
  const done = []
  for await (const _ of every(60)) {
    const { after } = await ask('/after/100')
    done.push([after, elapsed().date])
    if (done.length === 4) break
  }
  return done
}

export async function debounce() {
  const calls = []
  const elapsed = stopwatch()
  let timer
  const debounced = word => {
    clearTimeout(timer)
    timer = setTimeout(() => calls.push([word, elapsed().date]), 60)
  }
  for (const [word, ms] of Object.entries({ a: 20, ab: 30, abc: 110, x: 50, xy: 10, xyz: 150 })) {
    debounced(word)
    await sleep(ms)
  }
  return calls
}

/** A search box: what is typed asks, what was asked before is dropped. */
export async function debouncedSearch() {
  const shown = []
  let latest = 0
  let timer
  const type = (word, ms) => {
    clearTimeout(timer)
    timer = setTimeout(async () => {
      const mine = ++latest
      const { after } = await ask(`/after/${ms}`)
      shown.push(mine === latest ? [word, after] : [word, 'stale'])
    }, 50)
  }
  type('fl', 300)
  await sleep(80)
  type('flu', 120)
  await sleep(20)
  type('flux', 60)
  await sleep(500)
  return shown
}

export async function throttle() {
  const ran = []
  const start = performance.now()
  let last = Number.NEGATIVE_INFINITY
  for (let call = 0; call < 20; call++) {
    const now = performance.now()
    if (now - last >= 50) {
      last = now
      ran.push([call, now - start])
    }
    await sleep(12)
  }
  return ran
}

export async function watchdogRefreshed() {
  let barked = 0
  const dog = setTimeout(() => barked++, 120)
  for (let round = 0; round < 5; round++) {
    await ask('/after/40')
    dog.refresh()
  }
  const before = barked
  await sleep(200)
  return { before, barked, has: dog.hasRef() }
}

export async function driftOfAnInterval() {
  const gaps = []
  let last = performance.now()
  await new Promise(resolve => {
    const heart = setInterval(() => {
      const now = performance.now()
      gaps.push(now - last)
      last = now
      if (gaps.length < 12) return
      clearInterval(heart)
      resolve()
    }, 25)
  })
  return gaps
}

/** Loads what was asked for within 10 ms in one request. */
export async function batchWindow() {
  const sizes = []
  let batch
  const load = id => {
    batch ??= sleep(10).then(async () => {
      const ids = batch.ids
      batch = undefined
      sizes.push(ids.length)
      return await ask('/echo', { method: 'POST', body: JSON.stringify(ids) })
    })
    batch.ids = [...(batch.ids ?? []), id]
    return batch.then(({ heard }) => heard.indexOf(id))
  }
  const loads = []
  for (let id = 0; id < 12; id++) {
    loads.push(load(id))
    if (id % 3 === 2) await sleep(id)
    else await turn()
  }
  return { places: await Promise.all(loads), sizes }
}

export async function tokenBucket() {
  let tokens = 2
  let filled = performance.now()
  const passed = []
  const elapsed = stopwatch()
  for (let request = 0; request < 7; request++) {
    for (;;) {
      const now = performance.now()
      tokens = Math.min(2, tokens + (now - filled) / 80)
      filled = now
      if (tokens >= 1) break
      await sleep((1 - tokens) * 80)
    }
    tokens--
    await ask('/after/5')
    passed.push(elapsed().date)
  }
  return passed
}

/** Two timers of one millisecond, each of which clears the other. */
export async function cancelledByASibling() {
  const ran = []
  const timers = {}
  for (const [name, other] of Object.entries({ a: 'b', b: 'a' })) {
    timers[name] = setTimeout(() => {
      ran.push(name)
      clearTimeout(timers[other])
    }, 30)
  }
  const late = setTimeout(() => ran.push('late'), 20)
  clearTimeout(Number(late))
  await sleep(60)
  return ran
}

/** Timers of different delays that are due in one millisecond, with the thread kept busy in between. */
export async function dueTogether() {
  const orders = []
  for (let round = 0; round < 6; round++) {
    const order = []
    const long = sleep(12).then(() => order.push('long'))
    let read = performance.now()
    for (const until = read + 6; read < until; ) {
      for (let spin = 0; spin < 20_000; spin++) sqrt(spin)
      read = performance.now()
    }
    const short = sleep(6).then(() => order.push('short'))
    const shorter = sleep(5).then(() => order.push('shorter'))
    await Promise.all([long, short, shorter])
    orders.push(order.join(' '))
  }
  return orders
}

/** What Node leaves open: a timer of 1 ms and a turn of the loop. */
export async function timerOrImmediate() {
  const orders = []
  for (let round = 0; round < 15; round++) {
    const order = []
    await Promise.all([
      new Promise(resolve => setTimeout(resolve, round % 3)).then(() => order.push('timer')),
      new Promise(resolve => setImmediate(resolve)).then(() => order.push('immediate')),
      Promise.resolve().then(() => order.push('microtask')),
      new Promise(resolve => process.nextTick(resolve)).then(() => order.push('tick')),
    ])
    orders.push(order.join(' '))
  }
  return orders
}

export async function zeroDelays() {
  const order = []
  await new Promise(resolve => {
    setTimeout(() => {
      order.push('outer')
      setTimeout(() => order.push('inner zero'), 0)
      setTimeout(() => order.push('inner one'), 1)
      queueMicrotask(() => order.push('inner microtask'))
      setTimeout(() => resolve(order.push('inner two')), 2)
    }, 0)
    setTimeout(() => order.push('negative'), -5)
    setTimeout(() => order.push('not a number'), 'soon')
    setTimeout(() => order.push('too long'), 2 ** 31)
  })
  await sleep(20)
  return order
}

export async function everySpellingOfATimer() {
  const order = []
  const elapsed = stopwatch()
  const noted = name => order.push([name, elapsed().date])
  await Promise.all([
    new Promise(resolve => nodeTimeout((a, b) => resolve(noted(a + b)), 20, 'node ', 'named')),
    new Promise(resolve => nodeTimers.setTimeout(() => resolve(noted('node default')), 50)),
    promisify(setTimeout)(80, 'promisified').then(noted),
    new Promise(resolve => globalThis.setTimeout(() => resolve(noted('global')), 110)),
  ])
  const text = String(setTimeout(() => noted('cleared'), 1)[Symbol.toPrimitive]())
  clearTimeout(text)
  await sleep(15)
  return order
}
