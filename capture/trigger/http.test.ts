import net from 'node:net'
import type { HttpResponse, SanitizedRecording } from 'flux-fixtures'
import { afterEach, expect, test } from 'vitest'
import { Service, stopServices } from '../record/service.fixture.ts'

afterEach(stopServices)

const shop = `
import express from 'express'
import { setTimeout as sleep } from 'node:timers/promises'
const app = express()
app.use(express.json())
function totalOf(lines) { return lines.map(line => line.price) }
app.post('/orders/:id', async (request, response) => {
  console.log('order', request.body.number)
  await sleep(request.body.wait ?? 1)
  console.log('order', request.body.number)
  response.json({ number: request.body.number, total: totalOf(request.body.lines) })
})
app.get('/recovered', (request, response, next) => next(new RangeError('recovered')))
app.use('/recovered', (error, request, response, next) => next())
app.get('/recovered', (request, response) => response.status(503).send('later'))
app.get('/late', (request, response) => {
  setTimeout(() => { throw new TypeError('too late') }, 20)
})
app.get('/slow', () => {})
app.use((error, request, response, next) => response.status(500).json({ error: 'internal' }))
const server = app.listen(0, '127.0.0.1', () => console.log('listening', server.address().port))
process.on('SIGTERM', () => process.exit(0))
`

function bodies({ trigger, ending }: SanitizedRecording): unknown[] {
  if (trigger.kind !== 'http' || ending.kind !== 'responded') return []
  return [trigger.request.body, ending.response.body].map(body => (body as { json?: unknown }).json)
}

test('an answer of 500 is kept with the error behind it, and the caller learns the id', async () => {
  const service = new Service({ source: shop })
  const response = await service.post('/orders/7', { number: 7 })
  expect([response.status, await response.json()]).toEqual([500, { error: 'internal' }])
  await service.stop()
  const [recording] = await service.recordings()
  expect(recording).toMatchObject({
    id: response.headers.get('x-flux-execution-id'),
    kept: 'failure',
    trigger: { kind: 'http', route: '/orders/:id', request: { method: 'POST', url: '/orders/7' } },
    ending: { kind: 'responded', response: { status: 500 } },
    failure: {
      kind: 'response',
      status: 500,
      // The immediate of a parser had fired.
      afterCompletion: 1,
      error: { class: 'TypeError', message: "Cannot read properties of undefined (reading 'map')" },
    },
    environment: { commit: 'c0ffee', node: process.version },
    logs: [{ text: 'order 7' }, { text: 'order 7' }],
  })
  expect(recording?.failure?.error?.frame).toMatch(/^app\.mjs:6:\d+ in totalOf$/)
  expect(recording && bodies(recording)).toEqual([{ number: 7 }, { error: 'internal' }])
  const names = (recording?.ending as { response: HttpResponse }).response.headers
  expect(names.map(([name]) => name)).not.toContain('x-flux-execution-id')
})

test('of the successes the first of a trigger is kept', async () => {
  const service = new Service({ source: shop, config: 'export default { capture: { baseline: 1e-9, header: false } }' })
  for (const number of [1, 2, 3]) {
    const response = await service.post(`/orders/${number}`, { number, lines: [] })
    expect([response.status, response.headers.has('x-flux-execution-id')]).toEqual([200, false])
  }
  await fetch(`${await service.url()}/nothing-here`)
  await service.stop()
  const kept = await service.recordings()
  expect(kept.map(({ kept: why, trigger }) => [why, trigger.kind === 'http' && trigger.route])).toEqual([
    ['baseline', '/orders/:id'],
  ])
  expect(kept[0]).not.toHaveProperty('failure')
})

test('200 interleaved requests do not mix', async () => {
  const service = new Service({ source: shop, config: 'export default { capture: { perFingerprint: 500 } }' })
  await service.url()
  const numbers = Array.from({ length: 200 }, (_, index) => index)
  const ids = await Promise.all(
    numbers.map(async number => {
      const response = await service.post(`/orders/${number}`, { number, wait: (number * 7) % 40 })
      return response.headers.get('x-flux-execution-id')
    }),
  )
  await service.stop()
  const recordings = await service.recordings()
  const byId = new Map(recordings.map(recording => [recording.id, recording]))
  expect(recordings).toHaveLength(200)
  for (const number of numbers) {
    const recording = byId.get(ids[number] ?? '')
    expect(recording?.logs.map(({ text }) => text)).toEqual([`order ${number}`, `order ${number}`])
    expect(recording && bodies(recording)[0]).toMatchObject({ number })
    expect(recording?.trigger).toMatchObject({ request: { url: `/orders/${number}` } })
  }
}, 20_000)

test('an error that a handler dealt with is not the cause of a later answer', async () => {
  const service = new Service({ source: shop })
  expect((await fetch(`${await service.url()}/recovered`)).status).toBe(503)
  await service.stop()
  const [recording] = await service.recordings()
  expect(recording?.failure).toMatchObject({ kind: 'response', status: 503 })
  expect(recording?.failure).not.toHaveProperty('error')
})

test('an exception that ends the process is the failure of its execution alone, and everything is written', async () => {
  const service = new Service({ source: shop })
  await service.post('/orders/1', { number: 1 })
  const other = fetch(`${await service.url()}/slow`).catch(() => undefined)
  const late = fetch(`${await service.url()}/late`).catch(() => undefined)
  expect(await service.exited).toBe(1)
  await Promise.all([other, late])
  expect(service.stderr).toContain('TypeError: too late')
  const recordings = await service.recordings()
  expect(recordings.map(({ failure }) => [failure?.kind, failure?.error?.message])).toEqual([
    ['response', "Cannot read properties of undefined (reading 'map')"],
    ['unanswered', 'too late'],
  ])
})

test('a request that a process never answered is kept when the process ends, and when the client goes', async () => {
  const service = new Service({ source: shop })
  const port = Number(new URL(await service.url()).port)
  const socket = net.connect(port, '127.0.0.1')
  socket.write('GET /slow?first HTTP/1.1\r\nhost: shop\r\n\r\n')
  await new Promise(resolve => setTimeout(resolve, 100))
  socket.destroy()
  const pending = fetch(`${await service.url()}/slow?second`).catch(() => undefined)
  await new Promise(resolve => setTimeout(resolve, 100))
  await service.stop()
  await pending
  const recordings = await service.recordings()
  expect(recordings.map(({ ending, failure }) => [failure?.kind, ending])).toEqual([
    ['unanswered', { kind: 'unanswered', reason: 'the connection was closed before an answer' }],
    ['unanswered', { kind: 'unanswered', reason: 'the process ended' }],
  ])
})

test('a listener that throws at once is blamed, and Node prints what it would print', async () => {
  const source = `
import http from 'node:http'
const server = http.createServer((request, response) => {
  request.on('data', () => {})
  request.on('end', () => { if (request.url === '/end') throw new TypeError('at the end'); response.end('ok') })
  if (request.url === '/now') throw new RangeError('at once')
})
server.listen(0, '127.0.0.1', () => console.log('listening', server.address().port))
`
  for (const [path, error] of [
    ['now', 'RangeError: at once'],
    ['end', 'TypeError: at the end'],
  ] as const) {
    const service = new Service({ source })
    await fetch(`${await service.url()}/${path}`, { method: 'POST', body: 'x' }).catch(() => undefined)
    expect(await service.exited).not.toBe(0)
    expect(service.stderr).toMatch(new RegExp(`app\\.mjs:\\d+\\n[^\\n]*throw[^]*${error}`))
    const [recording] = await service.recordings()
    expect(`${recording?.failure?.error?.class}: ${recording?.failure?.error?.message}`).toBe(error)
  }
})
