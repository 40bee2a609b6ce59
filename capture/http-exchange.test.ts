import { gunzipSync, gzipSync } from 'node:zlib'
import { encodeBody } from 'flux-fixtures'
import { expect, test } from 'vitest'
import { deliveryOf, pairsOf } from './http-exchange.ts'

const json = Buffer.from('{"price":12}')
const head = { status: 200, statusText: 'OK', httpVersion: '1.1' }

test('a compressed body at rest is compressed again, and counted again', () => {
  const body = encodeBody({ raw: [gzipSync(json, { level: 1 })], type: 'application/json', encoding: 'gzip' })
  const value = { ...head, headers: [['Content-Length', '9999']], body }
  const { chunks, head: delivered } = deliveryOf({ status: 'returned', value }, 'GET')
  const bytes = Buffer.concat(chunks)
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
