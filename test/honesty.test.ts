/** Programs and changes that would make a replay lie: about how a process ends, what escapes, time, and what nobody awaits. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Fixture } from 'flux-fixtures'
import type { Verdict } from 'flux-replay'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stopServices } from '../capture/record/service.fixture.ts'
import { capture, replays, startUpstream } from './honesty.ts'

const folder = mkdtempSync(join(tmpdir(), 'flux-honesty-'))
symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), join(folder, 'node_modules'), 'junction')
let upstream: Awaited<ReturnType<typeof startUpstream>>
let source: string
let fixtures: ReadonlyMap<string, Fixture>

/** Listens when it is imported, and serves jobs from a queue that no execution owns. */
const program = (url: string) => `
import http from 'node:http'
import fs from 'node:fs'
import { Worker } from 'node:worker_threads'
import axios from 'axios'
const U = '${url}'
process.on('SIGTERM', () => process.exit(0))
setInterval(() => {}, 1000)
const queue = []
let wake
void (async () => {
  for (;;) {
    if (queue.length === 0) await new Promise(resolve => (wake = resolve))
    const { task, done } = queue.shift()
    await task().then(done, done)
  }
})()
const outside = task => new Promise(done => { queue.push({ task, done }); wake() })
const json = async (path, init) => (await fetch(U + path, init)).json()
const fail = text => { throw new Error(String(text)) }
const routes = {
  async rejected(request, response) { const { n } = await json('/json/1'); fail('rejected ' + n) },
  thrown(request, response) { fail('thrown') },
  async exited(request, response) { await json('/json/1'); process.exit(3) },
  async caught(request, response) { const { n } = await json('/json/1'); fail('caught ' + n) },
  async needs(request, response) { await json('/json/1'); await json('/json/2'); fail('needs') },
  async axios(request, response) { const { data } = await axios.get(U + '/json/5'); fail('axios ' + data.n) },
  async worker(request, response) {
    const code = 'const { parentPort } = require("node:worker_threads"); for (let i = 0; i < 3e8; i++); parentPort.postMessage(7)'
    const worker = new Worker(code, { eval: true })
    const answer = await new Promise(resolve => worker.once('message', resolve))
    fail('worker ' + answer + (await json('/json/1')).n)
  },
  async instants(request, response) {
    const seen = []
    const note = () => seen.push(performance.now() * 1000 % 1e6 | 0, Date.now() % 1e6, Math.random() * 1e6 | 0)
    await Promise.all([1, 2, 3].map(async n => { await json('/wait/' + n * 5); note(); await json('/json/' + n); note() }))
    fail(seen)
  },
  async heard(request, response) {
    process.once('uncaughtException', error => { response.statusCode = 500; response.end('heard ' + error.message) })
    const { n } = await json('/json/1')
    setImmediate(() => fail(n))
  },
  async heardAsError(request, response) {
    process.once('uncaughtException', (error, origin) => { response.statusCode = 500; response.end(origin + error.message) })
    fail((await json('/json/1')).n)
  },
  async idleResponse(request, response) {
    response.setTimeout(80, () => { response.statusCode = 503; response.end('too slow') })
    await json('/wait/300')
    if (!response.writableEnded) response.end('in time')
  },
  async idleServer(request, response) {
    server.once('timeout', () => { response.statusCode = 504; response.end('too slow') })
    await json('/wait/300')
    if (!response.writableEnded) response.end('in time')
  },
  async signal(request, response) { await fetch(U + '/wait/300', { signal: AbortSignal.timeout(60) }); fail('late') },
}
const guarded = new Set(['caught', 'needs', 'axios', 'worker', 'instants', 'signal'])
export const server = http.createServer((request, response) => {
  const name = request.url.slice(1)
  const ended = routes[name](request, response)
  if (guarded.has(name)) ended.catch(error => { response.statusCode = 500; response.end(error.message) })
})
server.listen(0, '127.0.0.1', () => console.log('listening ' + server.address().port))
`

const IDLE_SERVER = 'server.setTimeout(90); server.listen'

beforeAll(async () => {
  upstream = await startUpstream()
  source = program(upstream.url)
  const groups = [
    ['caught', 'needs', 'axios', 'worker', 'instants', 'signal', 'heard', 'heardAsError', 'idleResponse'],
    ['rejected'],
    ['thrown'],
    ['exited'],
  ]
  const captured = await Promise.all([
    ...groups.map(paths => capture(source, paths)),
    capture(
      source.replace('server.listen', () => IDLE_SERVER),
      ['idleServer'],
    ),
  ])
  fixtures = new Map(captured.flatMap(group => [...group]))
  expect([...fixtures.keys()].sort()).toEqual([...groups.flat(), 'idleServer'].sort())
}, 30_000)

afterAll(async () => {
  upstream.stop()
  await stopServices()
  rmSync(folder, { recursive: true, force: true })
})

/** The verdict of the recording `name` on an edited program; two replays must say the same. */
async function verdictOf(name: string, before = '', after = '', runs = 2): Promise<Verdict> {
  expect(source).toContain(before)
  const [first, second] = await replays(
    folder,
    fixtures.get(name) as Fixture,
    source.replace(before, () => after),
    runs,
  )
  if (runs > 1) expect(JSON.stringify(second)).toBe(JSON.stringify(first))
  return first as Verdict
}

const CAUGHT = "fail('caught ' + n)"

describe('how a process ends', () => {
  test.each(['rejected', 'thrown', 'exited'])('%s: the end of the process is reproduced', async name => {
    expect((await verdictOf(name)).result).toBe('reproduced')
  })

  test.each(['heard', 'heardAsError'])('%s: a listener of the program decides, once it listens', async name => {
    expect(await verdictOf(name)).toMatchObject({ result: 'reproduced', divergences: [] })
  })

  test('a request that is answered again is fixed', async () => {
    expect((await verdictOf('rejected', "fail('rejected ' + n)", "response.end('ok')")).result).toBe('fixed')
    expect((await verdictOf('exited', 'process.exit(3)', "response.end('ok')")).result).toBe('fixed')
  })

  test.each([
    ['a crash in place of an answer', `queueMicrotask(() => ${CAUGHT})`],
    ['an exit in place of an answer', 'process.exit(0)'],
    ['a crash after a good answer', `response.end('ok'); setImmediate(() => ${CAUGHT})`],
  ])('%s is no fix', async (_, after) => {
    expect((await verdictOf('caught', CAUGHT, after)).result).toBe('different-failure')
  })
})

describe('nothing vanishes', () => {
  test.each([
    ['a file opened for writing', "fs.closeSync(fs.openSync('leak', 'w')); response.end('ok')", 'openSync leak'],
    [
      'a write after the answer',
      "response.end('ok'); setImmediate(() => fs.promises.writeFile('leak', '').catch(() => {}))",
      'writeFile leak',
    ],
  ])('%s leaks', async (_, after, target) => {
    const verdict = await verdictOf('caught', CAUGHT, after)
    expect(verdict).toMatchObject({ result: 'leaked', leaks: [{ kind: 'file-write', target }] })
  })

  test('an unrecorded call outside the execution diverges, though the program swallows it', async () => {
    const verdict = await verdictOf('caught', CAUGHT, "await outside(() => json('/json/9')); response.end('ok')")
    expect(verdict).toMatchObject({ result: 'diverged', reason: 'outside the execution' })
  })

  test('a call that nobody awaits diverges while required ones are unasked', async () => {
    const edit =
      "json('/json/9').catch(() => {}); return response.end('ok'); await json('/json/1'); await json('/json/2')"
    const verdict = await verdictOf('needs', "await json('/json/1'); await json('/json/2')", edit)
    expect(verdict).toMatchObject({ result: 'diverged', divergences: [{ kind: 'unexpected' }] })
  })

  test('a call that nobody awaits is listed after a good end', async () => {
    const verdict = await verdictOf('caught', CAUGHT, "response.end('ok'); json('/json/9').catch(() => {})")
    expect(verdict.result).toBe('fixed')
    expect(verdict.beyond).toHaveLength(1)
  })
})

describe('time', () => {
  test('clock reads and draws of concurrent calls come back in their places', async () => {
    expect((await verdictOf('instants')).result).toBe('reproduced')
  })

  test('a client that orders its work with an empty timer is replayable', async () => {
    expect((await verdictOf('axios')).result).toBe('reproduced')
  })

  test('work in another thread is waited for', async () => {
    expect((await verdictOf('worker')).result).toBe('reproduced')
  })

  test('a signal that times out aborts the call it aborted, whatever the machine is doing', async () => {
    expect(await verdictOf('signal')).toMatchObject({ result: 'reproduced' })
  })

  test('a connection is idle for as long as in production', async () => {
    expect(await verdictOf('idleResponse')).toMatchObject({ result: 'reproduced', divergences: [] })
  })

  test('a server has an idle time for its connections', async () => {
    expect(await verdictOf('idleServer', 'server.listen', IDLE_SERVER)).toMatchObject({ result: 'reproduced' })
  })

  test('a loop that waits for the clock ends', async () => {
    const loop = 'const from = Date.now(); while (Date.now() - from < 50);'
    expect((await verdictOf('caught', CAUGHT, `${loop} ${CAUGHT}`)).result).toBe('reproduced')
  })

  test('a program that computes for seconds is waited for', async () => {
    const asks = "const { n } = await json('/json/1'); fail('caught"
    const computes =
      'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3300); await new Promise(setImmediate)'
    expect((await verdictOf('caught', asks, `${computes}; ${asks}`, 1)).result).toBe('reproduced')
  }, 15_000)

  test('a loop that waits for a timer ends, too', async () => {
    const loop = 'let over = false; setTimeout(() => (over = true), 50); while (!over) await new Promise(setImmediate)'
    expect(await verdictOf('caught', CAUGHT, loop, 1)).toMatchObject({
      result: 'not-replayable',
      reason: expect.stringMatching(/^waiting/),
    })
  }, 15_000)
})
