// Bodies in pieces, against timers.
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { sleep, stopwatch, told, urlOf } from './asking.mjs'

async function* piecesOf(path, init) {
  const response = await fetch(urlOf(path), init)
  const decoder = new TextDecoder()
  for await (const chunk of response.body) yield decoder.decode(chunk, { stream: true }).trim()
}

export async function piecesInTime() {
  const elapsed = stopwatch()
  const seen = []
  for await (const piece of piecesOf('/pieces/30,50,70,90')) seen.push([piece, elapsed()])
  return seen
}

export async function eventsInTime() {
  const elapsed = stopwatch()
  const seen = []
  for await (const event of piecesOf('/events/40,40,120,40')) seen.push([event, elapsed().date])
  return seen
}

/** Pieces and beats in one order. */
export async function piecesAndBeats() {
  const seen = []
  const heart = setInterval(() => seen.push('beat'), 70)
  for await (const piece of piecesOf('/pieces/50,50,50,50,50,50')) seen.push(piece)
  clearInterval(heart)
  return seen
}

/** Two bodies and a timer in one order. */
export async function bodiesInterleaved() {
  const seen = []
  const read = async (name, path) => {
    for await (const piece of piecesOf(path)) seen.push(`${name} ${piece}`)
  }
  await Promise.all([
    read('a', '/pieces/40,80,80'),
    read('b', '/pieces/80,80,80'),
    sleep(140).then(() => seen.push('timer')),
  ])
  return seen
}

/** A timer is set anew with each piece; one piece comes too late. */
export async function watchdogOfABody() {
  const controller = new AbortController()
  const seen = []
  let dog
  try {
    const bark = () => controller.abort(new Error('no piece for 200 ms'))
    dog = setTimeout(bark, 200)
    for await (const piece of piecesOf('/pieces/30,60,90,600,20', { signal: controller.signal })) {
      seen.push(piece)
      clearTimeout(dog)
      dog = setTimeout(bark, 200)
    }
  } catch (error) {
    seen.push(told(error), error.message)
  } finally {
    clearTimeout(dog)
  }
  return seen
}

export async function bodyAgainstDeadline() {
  const response = await fetch(urlOf('/pieces/60,60,60,500'))
  const head = performance.now()
  const first = await Promise.race([response.text(), sleep(350, 'deadline')])
  return { first, waited: performance.now() - head }
}

export async function tenSecondBody() {
  const elapsed = stopwatch()
  const response = await fetch(urlOf('/pieces/2400,2400,2400,2400'))
  const head = elapsed()
  const first = await Promise.race([response.text(), sleep(10_000, 'deadline')])
  return { first, head, end: elapsed() }
}

export async function cutBody() {
  const elapsed = stopwatch()
  const seen = []
  try {
    for await (const piece of piecesOf('/cut/40,60,60')) seen.push(piece)
  } catch (error) {
    return { seen, error: told(error), elapsed: elapsed() }
  }
  return seen
}

/** Timers behind an async iterator, through streams and zlib. */
export async function slowSourceThroughZlib() {
  const elapsed = stopwatch()
  async function* source() {
    for (let line = 0; line < 5; line++) {
      await wait(30)
      yield `line ${line}\n`.repeat(500)
    }
  }
  let bytes = 0
  const counted = new Transform({
    transform(chunk, _encoding, done) {
      bytes += chunk.length
      setTimeout(done, 5, null, chunk)
    },
  })
  let text = 0
  await pipeline(Readable.from(source()), createGzip(), createGunzip(), counted, async chunks => {
    for await (const chunk of chunks) text += chunk.length
  })
  return { bytes, text, date: elapsed().date >= 150 }
}
