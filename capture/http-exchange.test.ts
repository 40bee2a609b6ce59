import { gunzipSync, gzipSync } from 'node:zlib'
import { encodeBody, type Outcome, type RawBody } from 'flux-fixtures'
import { expect, test } from 'vitest'
import { pairsOf } from './http-exchange.ts'
import { deliveryOf } from './response-delivery.ts'
import { ResponseTape } from './response-tape.ts'

const json = Buffer.from('{"price":12}')
const head = { status: 200, statusText: 'OK', httpVersion: '1.1' }

test('a compressed body at rest is compressed again, and counted again', () => {
  const body = encodeBody({ raw: [gzipSync(json, { level: 1 })], type: 'application/json', encoding: 'gzip' })
  const value = { ...head, headers: [['Content-Length', '9999']], body }
  const { arrivals, head: delivered } = deliveryOf({ status: 'returned', value }, 'GET')
  const bytes = Buffer.concat(arrivals.flatMap(({ chunks }) => chunks))
  expect(gunzipSync(bytes)).toEqual(json)
  expect(delivered?.headers).toEqual([['Content-Length', String(bytes.length)]])
})

test('a body that broke off stays shorter than it was said to be', () => {
  const value = {
    ...head,
    headers: [['content-length', '5']],
    body: encodeBody({ raw: [Buffer.from('longer than 5')] }),
  }
  const { head: delivered, failure } = deliveryOf({ status: 'failed', error: new Error('aborted'), value }, 'GET')
  expect(delivered?.headers).toEqual([['content-length', '14']])
  expect(failure?.error).toMatchObject({ message: 'aborted' })
})

test('chunks that one read brought arrive together, at rest and in memory', () => {
  const raw = { raw: ['a', 'b', 'c'].map(text => Buffer.from(text)), at: [3, 3, 8] }
  for (const body of [raw, encodeBody(raw)]) {
    const { arrivals } = deliveryOf({ status: 'returned', value: { ...head, headers: [], body } }, 'GET')
    expect(arrivals.map(({ at, chunks }) => [at, String(Buffer.concat(chunks)), chunks.length])).toEqual([
      [3, 'ab', 2],
      [8, 'c', 1],
    ])
  }
})

test('chunks keep their moments when sanitizing takes others away', () => {
  const body = { $flux: 'Body', bytes: 4, chunks: [2, 0, 2, 5], at: [1, 2, 3, 4], text: 'abcd' }
  const { arrivals } = deliveryOf({ status: 'returned', value: { ...head, headers: [], body } }, 'GET')
  expect(arrivals.map(({ at, chunks }) => [at, String(Buffer.concat(chunks))])).toEqual([
    [1, 'ab'],
    [3, 'cd'],
  ])
})

/** What a tape has written down once `play` has told it of a response; the clock goes on by one at each look. */
async function writtenDown(play: (tape: ResponseTape) => unknown): Promise<RawBody> {
  let time = 0
  let written: unknown
  const keep = () => ++time
  const settled = (outcome: Outcome) => {
    written = outcome.status === 'pending' ? undefined : outcome.value
  }
  const tape = new ResponseTape({ asked() {}, sent() {}, unsupported() {}, began() {}, keep, settled })
  tape.head({ ...head, headers: [] })
  await play(tape)
  tape.end([])
  return (written as { body: RawBody }).body
}

test('what one read brings is written down as one moment', async () => {
  const body = await writtenDown(async tape => {
    tape.chunk(Buffer.from('a'))
    tape.chunk(Buffer.from('b'))
    await Promise.resolve()
    tape.chunk(Buffer.from('c'))
  })
  expect(body.at).toEqual([2, 2, 4])
})

test('a single chunk that comes after the head keeps its moment at rest', async () => {
  const body = await writtenDown(tape => tape.chunk(Buffer.from('late')))
  const stored = encodeBody(body)
  expect(stored).toMatchObject({ chunks: [0, 4], at: [1, 2] })
  const { arrivals } = deliveryOf({ status: 'returned', value: { ...head, headers: [], body: stored } }, 'GET')
  expect(arrivals).toEqual([{ at: 2, chunks: [Buffer.from('late')] }])
})

test('a body that was not kept is a failure, not an empty body', () => {
  const value = { ...head, headers: [], body: { $flux: 'Body', bytes: 3, omitted: 'too large' } }
  const delivery = deliveryOf({ status: 'returned', value }, 'GET')
  expect(delivery.head).toBeUndefined()
  expect(delivery.failure?.error).toMatchObject({ code: 'FLUX_FIXTURE_CORRUPT' })
})

test('the length that an answer to HEAD states is kept', () => {
  const value = { ...head, headers: [['content-length', '300']], body: { raw: [] } }
  expect(deliveryOf({ status: 'returned', value }, 'HEAD').head?.headers).toEqual([['content-length', '300']])
})

test('raw headers are pairs, of bytes, text or several values', () => {
  expect(pairsOf([Buffer.from('A'), Buffer.from('1'), 'b', ['2', '3']])).toEqual([
    ['A', '1'],
    ['b', '2'],
    ['b', '3'],
  ])
})
