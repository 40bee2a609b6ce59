import type { ClockRead, Draw } from 'flux-fixtures'
import { expect, test } from 'vitest'
import { VirtualTime } from './clock/time.ts'
import { Draws, Reads } from './instants.ts'

const STARTED_AT = 1_000_000

function readsOf(...reads: ClockRead[]): { time: VirtualTime; reads: Reads } {
  const time = new VirtualTime(STARTED_AT)
  const origin = { performance: 500, hrtime: '500000000' }
  return { time, reads: new Reads({ reads, origin }, time) }
}
const date = (elapsed: number, path: string, after = 0): ClockRead => ({
  kind: 'date',
  value: STARTED_AT + elapsed,
  path,
  after,
})
const draw = (value: number, path: string, after = 0): Draw => ({ kind: 'math', value, path, after })

test('reads come back where they were made, whatever others read meanwhile', () => {
  const { reads } = readsOf(date(1, '0'), date(2, '1'), date(3, '1'), date(4, '0'))
  const served = ['1', '1', '0'].map(path => reads.next('date', path, 0))
  expect(served).toEqual([STARTED_AT + 2, STARTED_AT + 3, STARTED_AT + 1])
})

test('a read at a place of which none was recorded is served among the same events, and among others not', () => {
  const { reads } = readsOf(date(7, '0', 1))
  expect(reads.next('date', '5', 0)).toBe(STARTED_AT)
  expect(reads.next('date', '5', 1)).toBe(STARTED_AT + 7)
})

test('time never runs backwards: a read that virtual time has left behind is not served', () => {
  const { time, reads } = readsOf(date(20, '0'), date(30, '0'))
  expect(reads.next('date', '0', 0)).toBe(STARTED_AT + 20)
  time.advanceTo(400)
  time.advanceTo(100)
  expect(time.now).toBe(400)
  expect(reads.next('date', '0', 0)).toBe(STARTED_AT + 400)
})

test('after a read that was never recorded none comes back that lies before it', () => {
  const { time, reads } = readsOf(date(10, '0'))
  time.advanceTo(12)
  expect(reads.next('date', '5', 9)).toBe(STARTED_AT + 12)
  expect(reads.next('date', '0', 0)).toBe(STARTED_AT + 12)
})

test('what is read moves time on, on every clock', () => {
  const { time, reads } = readsOf({ kind: 'performance', value: 540, path: '0', after: 0 })
  expect(reads.next('performance', '0', 0)).toBe(540)
  expect(time.now).toBe(40)
  expect(reads.next('date', '0', 0)).toBe(STARTED_AT + 40)
  expect(reads.next('hrtime', '0', 0)).toBe('540000000')
  expect(reads.next('uptime', '0', 0)).toBe(0.54)
})

test('a loop that waits for the clock ends', () => {
  const { reads } = readsOf()
  let count = 0
  while (Number(reads.next('date', '0', 0)) < STARTED_AT + 50 && count < 100_000) count++
  expect(count).toBeLessThan(100_000)
})

test('draws come back where they were made, then from a generator with the seed of the recording', () => {
  const drawsOf = (seed: string) => new Draws([draw(0.1, '0'), draw(0.2, '1')], seed)
  const drawn = (draws: Draws) => ['1', '0', '0', '0'].map(path => draws.next('math', undefined, path, 9))
  const first = drawn(drawsOf('a'))
  expect(first.slice(0, 2)).toEqual([0.2, 0.1])
  expect(drawn(drawsOf('a'))).toEqual(first)
  expect(drawn(drawsOf('b')).slice(2)).not.toEqual(first.slice(2))
})

test('what is drawn beyond the recording has the form that was asked for', () => {
  const draws = new Draws([], 'seed')
  expect(draws.next('uuid', undefined, '0', 0)).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  )
  expect(Buffer.from(String(draws.next('bytes', 24, '0', 0)), 'base64')).toHaveLength(24)
  const dice = Array.from({ length: 60 }, () => Number(draws.next('int', '1:7', '0', 0)))
  expect([...new Set(dice)].sort()).toEqual([1, 2, 3, 4, 5, 6])
})
