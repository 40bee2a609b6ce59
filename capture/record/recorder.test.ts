import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { pack, unpack } from './parcel.ts'
import { Service, stopServices } from './service.fixture.ts'

afterEach(stopServices)

const failing = `
import http from 'node:http'
import { flux } from 'flux-capture'
const server = http.createServer((request, response) => {
  if (request.url === '/kept') flux.keep()
  response.statusCode = Number(/\\d{3}/.exec(request.url)?.[0] ?? 200)
  if (request.url === '/stats') return response.end(JSON.stringify(flux.stats()))
  response.end('answer')
})
server.listen(0, '127.0.0.1', () => console.log('listening', server.address().port))
process.on('SIGTERM', () => server.close())
`

async function ask(service: Service, ...paths: string[]): Promise<string[]> {
  const texts: string[] = []
  for (const path of paths) texts.push(await (await fetch(`${await service.url()}${path}`)).text())
  return texts
}

test('failures of a kind are kept up to a number and counted beyond it', async () => {
  const service = new Service({
    source: failing,
    config: 'export default { capture: { perFingerprint: 2, baseline: 0 } }',
  })
  await ask(service, '/a/500', '/a/500', '/a/500', '/a/501', '/plain', '/kept')
  await sleep(100)
  const [stats] = await ask(service, '/stats')
  expect(JSON.parse(stats ?? '')).toEqual({
    seen: 6,
    kept: 4,
    dropped: { perFingerprint: 1, notAsked: 1 },
    unattributed: 0,
    failedWrites: 0,
  })
  expect(await service.stop()).toBe(0)
  const recordings = await service.recordings()
  expect(recordings.map(({ kept, failure }) => [kept, failure?.status])).toEqual([
    ['failure', 500],
    ['failure', 500],
    ['failure', 501],
    ['requested', undefined],
  ])
})

test('a predicate keeps what it asks for', async () => {
  const config =
    "export default { capture: { baseline: 0, keep: ({ status, trigger }) => status === 404 && trigger === 'GET /:' } }"
  const service = new Service({ source: failing, config })
  await ask(service, '/404', '/200', '/404/x')
  await service.stop()
  expect((await service.recordings()).map(({ ending }) => ending)).toMatchObject([{ response: { status: 404 } }])
})

test('over its limit a whole recording is dropped', async () => {
  const source = failing.replace("response.end('answer')", "response.end('x'.repeat(3000))")
  const service = new Service({ source, config: "export default { capture: { maxBytes: '2kb' } }" })
  const [text] = await ask(service, '/500')
  expect(text).toHaveLength(3000)
  await sleep(50)
  expect(JSON.parse((await ask(service, '/stats'))[0] ?? '')).toMatchObject({ kept: 0, dropped: { bytes: 1 } })
})

test.each([
  ['export default { captur: {} }', 'There is no captur. Did you mean capture?'],
  ['export default { capture: { baselin: 1 } }', 'There is no capture.baselin. Did you mean baseline?'],
  ["export default { capture: { maxBytes: 'much' } }", 'capture.maxBytes must be'],
  ['export default { sanitize: { rules: [{}] } }', 'cannot follow sanitize.rules'],
  ['export default {', 'cannot be read'],
])('capture is off, with one line, where the configuration is %s', async (config, line) => {
  const service = new Service({ source: failing, config })
  const response = await fetch(`${await service.url()}/500`)
  expect(response.headers.has('x-flux-execution-id')).toBe(false)
  await response.text()
  await service.stop()
  expect(service.stderr).toMatch(/^flux: capture is off: [^\n]*\n$/)
  expect(service.stderr).toContain(line)
  expect(await service.recordings()).toEqual([])
})

test('FLUX=off turns everything off, and the preload may be given both ways', async () => {
  const off = new Service({ source: failing, env: { FLUX: 'off' } })
  const both = new Service({
    source: failing,
    preload: ['--require', 'flux-capture/register', '--import', 'flux-capture/register'],
  })
  await ask(off, '/500')
  await ask(both, '/500')
  await Promise.all([off.stop(), both.stop()])
  expect(await off.recordings()).toEqual([])
  expect(await both.recordings()).toHaveLength(1)
  expect(off.stderr + both.stderr).toBe('')
})

const job = `
import { flux } from 'flux-capture'
class Refusal extends Error { constructor(data) { super('refused ' + data.id); this.code = 'E_REFUSED'; this.data = data } }
async function send(invoice, list) {
  await null
  invoice.id++
  if (invoice.bad) throw new Refusal(invoice)
  return { sent: invoice.id, self: this?.name, list }
}
const wrapped = flux.wrap('invoice.send', send)
`

test('a wrapped function fails as it would, and its call is kept', async () => {
  const source = `${job}
const list = [1]
const result = await wrapped.call({ name: 'me' }, { id: 1 }, list)
if (wrapped.name !== 'send' || wrapped.length !== 2 || result.list !== list || result.self !== 'me') process.exit(9)
const error = await wrapped({ id: 7, bad: true }).catch(error => error)
if (!(error instanceof Refusal) || error.data.id !== 8) process.exit(8)
try { flux.wrap('sync', () => { throw error })() } catch (thrown) { if (thrown !== error) process.exit(7) }
`
  const service = new Service({ source })
  expect([await service.exited, service.stderr]).toEqual([0, ''])
  const recordings = await service.recordings()
  expect(recordings).toMatchObject([
    {
      kept: 'baseline',
      trigger: { kind: 'call', name: 'invoice.send', args: [{ id: 1 }, [1]] },
      ending: { kind: 'returned' },
    },
    {
      kept: 'failure',
      trigger: { name: 'invoice.send', args: [{ id: 7, bad: true }] },
      ending: { kind: 'threw' },
      failure: { kind: 'throw', error: { class: 'Refusal', message: 'refused 8', code: 'E_REFUSED' } },
    },
    { kept: 'failure', trigger: { name: 'sync' }, failure: { kind: 'throw' } },
  ])
})

test('a rejection that nobody handles still ends the process', async () => {
  const service = new Service({
    source: `${job}\nwrapped({ id: 7, bad: true })\nsetTimeout(() => process.exit(0), 500)`,
  })
  expect(await service.exited).toBe(1)
  expect(service.stderr).toMatch(/app\.mjs:7\n.*throw new Refusal[^]*Refusal \[Error\]: refused 8/)
  expect(await service.recordings()).toMatchObject([{ failure: { kind: 'throw', error: { class: 'Refusal' } } }])
})

test('a rejection that the program only logs is the failure of its execution', async () => {
  const source = `
import http from 'node:http'
process.on('unhandledRejection', () => {})
const server = http.createServer((request, response) => {
  Promise.reject(new RangeError('forgotten'))
  setTimeout(() => response.end('fine'), 5)
})
server.listen(0, '127.0.0.1', () => console.log('listening', server.address().port))
process.on('SIGTERM', () => server.close())
`
  const service = new Service({ source })
  expect(await ask(service, '/')).toEqual(['fine'])
  await service.stop()
  expect(await service.recordings()).toMatchObject([
    { ending: { kind: 'responded' }, failure: { kind: 'throw', error: { class: 'RangeError', message: 'forgotten' } } },
  ])
})

test('an app without the preload captures through the middleware', async () => {
  const source = `
import express from 'express'
import { flux } from 'flux-capture'
const app = express()
app.use(flux.express())
app.get('/:id', request => { throw new TypeError('broken') })
app.use((error, request, response, next) => response.sendStatus(500))
const server = app.listen(0, '127.0.0.1', () => console.log('listening', server.address().port))
process.on('SIGTERM', () => process.exit(0))
`
  const service = new Service({ source, preload: [] })
  await ask(service, '/1', '/2')
  await service.stop()
  const recordings = await service.recordings()
  expect(recordings).toMatchObject([1, 2].map(() => ({ failure: { error: { message: 'broken' } } })))
  expect(recordings.map(({ trigger }) => trigger.kind === 'http' && trigger.request.url)).toEqual(['/1', '/2'])
})

test('a parcel carries what structured cloning would lose', () => {
  class Money {
    readonly cents = 5
  }
  const error = Object.assign(new RangeError('wide'), { code: 'E_WIDE', at: new Date(0) })
  const body = { raw: [Buffer.from('abc').subarray(1)], type: 'text/plain' }
  const shared = { a: 1 }
  const given = { error, body, money: new Money(), call() {}, none: undefined, big: 1n, list: [shared, shared] }
  const back = unpack(structuredClone(pack(given))) as typeof given
  expect(back.error).toMatchObject({ message: 'wide', code: 'E_WIDE', at: new Date(0) })
  expect(Buffer.concat(back.body.raw).toString()).toBe('bc')
  expect(back.money).toMatchObject({ cents: 5 })
  expect(Object.getPrototypeOf(back.money).constructor.name).toBe('Money')
  expect(back).toMatchObject({ none: undefined, big: 1n, list: [{ a: 1 }, { a: 1 }] })
})
