// A timer against an answer: the winner by a wide margin, by a hair, and by native work.
import { scrypt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { ask, askHttp, sleep, stopwatch, told } from './asking.mjs'

async function winner(...entrants) {
  const elapsed = stopwatch()
  const first = await Promise.race(entrants)
  return { first, elapsed: elapsed() }
}

const named = (name, promise) =>
  promise.then(
    () => name,
    error => `${name}: ${told(error)}`,
  )

export const fetchBeatsTimer = () => winner(named('answer', ask('/after/200')), sleep(1000, 'timer'))
export const timerBeatsFetch = () => winner(named('answer', ask('/after/1000')), sleep(300, 'timer'))
export const httpBeatsTimer = () => winner(named('answer', askHttp('/after/150')), sleep(700, 'timer'))
export const timerBeatsHttp = () => winner(named('answer', askHttp('/after/700')), sleep(150, 'timer'))
export const tenSecondAnswer = () => winner(named('answer', ask('/after/9500')), sleep(10_000, 'timer'))
export const tenSecondTimer = () => winner(named('answer', ask('/after/10500')), sleep(10_000, 'timer'))
export const tenSecondHttpAnswer = () => winner(named('answer', askHttp('/after/9700')), sleep(10_000, 'timer'))
export const scryptBeatsTimer = () => winner(named('scrypt', derived(2 ** 12)), sleep(9000, 'timer'))
export const timerBeatsScrypt = () => winner(named('scrypt', derived(2 ** 17)), sleep(5, 'timer'))
export const fileBeatsTimer = () => winner(named('file', readFile('package.json')), sleep(2000, 'timer'))
export const resetBeatsTimer = () => winner(named('answer', ask('/reset/120')), sleep(800, 'timer'))

function derived(cost) {
  return promisify(scrypt)('what', 'ever', 32, { N: cost, maxmem: 2 ** 28 })
}

export function raceOfThree() {
  return winner(named('slow', ask('/after/400')), named('quick', ask('/after/180')), sleep(280, 'timer'))
}

export async function anyOfFailures() {
  const elapsed = stopwatch()
  const reset = ask('/reset/60')
  const late = sleep(400).then(() => {
    throw new Error('late')
  })
  const answered = await Promise.any([reset, late, ask('/after/220')])
  return { answered, elapsed: elapsed() }
}

export async function allSettledWithTimeouts() {
  const limited = path => Promise.race([ask(path), sleep(250).then(() => Promise.reject(new Error(`slow ${path}`)))])
  const settled = await Promise.allSettled(['/after/100', '/after/500', '/after/50', '/reset/80'].map(limited))
  return settled.map(({ status, value, reason }) => [status, value?.after ?? told(reason)])
}

export async function answersInTurns() {
  const order = []
  const noted = (name, promise) => promise.then(() => order.push([name, Date.now()]))
  await Promise.all([
    noted('b', ask('/after/200')),
    noted('timer', sleep(150)),
    noted('a', ask('/after/100')),
    noted('http', askHttp('/after/120')),
    noted('second timer', sleep(220)),
  ])
  const [[, first]] = order
  return order.map(([name, at]) => [name, at - first])
}

/** A timer and an answer that are due within 2 ms. */
export async function nearTiesWithFetch() {
  const winners = []
  for (let round = 0; round < 12; round++) {
    const { first } = await winner(named('answer', ask('/after/20')), sleep(20 + (round % 4), 'timer'))
    winners.push(first)
  }
  return winners
}

export async function nearTiesWithHttp() {
  const winners = []
  for (let round = 0; round < 12; round++) {
    const { first } = await winner(named('answer', askHttp('/after/20')), sleep(20 + (round % 4), 'timer'))
    winners.push(first)
  }
  return winners
}

/** Three ties at once, each with answers of the same millisecond. */
export async function parallelNearTies() {
  const order = []
  const noted = (name, promise) => promise.then(() => order.push(name))
  await Promise.all(
    [0, 1, 2, 3].flatMap(number => [
      noted(`answer ${number}`, ask('/after/30')),
      noted(`timer ${number}`, sleep(30 + number)),
    ]),
  )
  return order
}

export async function gzipBeatsTimer() {
  const { zipped } = await ask('/zipped/40')
  const race = await winner(promisify(gzip)(zipped.repeat(50)), sleep(3000, 'timer'))
  return { ...race, first: race.first.length }
}

/** Work of the thread pool beside answers: what comes first depends on the machine. */
export async function nativeBesideAnswers() {
  const order = []
  const noted = (name, promise) => promise.then(() => order.push(name))
  await Promise.all([
    noted('scrypt', derived(2 ** 15)),
    noted('answer', ask('/after/60')),
    noted('file', readFile('package.json')),
    noted('timer', sleep(400)),
  ])
  return order
}

export async function dynamicImportBeatsTimer() {
  const loaded = import('node:readline').then(({ createInterface }) => typeof createInterface)
  return await winner(loaded, sleep(4000, 'timer'))
}
