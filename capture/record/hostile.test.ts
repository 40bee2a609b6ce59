import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { Service, stopServices } from './service.fixture.ts'

const scratch = mkdtempSync(join(tmpdir(), 'flux-hostile-'))
afterEach(async () => {
  await stopServices()
  for (const name of readdirSync(scratch)) rmSync(join(scratch, name), { recursive: true, force: true })
})

const CANARY = ['hunter', 'Zk3vQ9aT'].join('')
const EMAIL = 'jane.zq7@canary-corp.io'

/** Answers 500 to everything but `/pause`, which tells the longest pause of the event loop since the last time. */
const SERVICE = `
import http from 'node:http'
import { flux } from 'flux-capture'
let last = performance.now(), longest = 0
setInterval(() => { const now = performance.now(); longest = Math.max(longest, now - last - 5); last = now }, 5).unref()
const server = http.createServer(async (request, response) => {
  if (request.url === '/pause') { response.end(JSON.stringify({ longest, stats: flux.stats() })); longest = 0; return }
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  response.statusCode = 500
  response.end('sorry')
})
server.listen(0, '127.0.0.1', () => console.log('listening', server.address().port))
process.on('SIGTERM', () => process.exit(0))
process.on('SIGUSR2', () => { throw new Error('died') })
`

async function pause(service: Service): Promise<{ longest: number; stats: { kept: number; failedWrites: number } }> {
  return (await (await fetch(`${await service.url()}/pause`)).json()) as never
}

async function post(
  service: Service,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<number> {
  const { status } = await fetch(await service.url(), { method: 'POST', body: body as never, headers })
  return status
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .filter(file => !file.includes('node_modules') && !file.endsWith('app.mjs'))
}

/** Every byte that is left behind, and everything that was said but for what the program said itself. */
function leftBehind(service: Service, ...folders: string[]): string {
  const files = [service.folder, ...folders].flatMap(filesBelow)
  const flux = service.stderr.split('\n').filter(line => line.startsWith('flux'))
  return [...files, ...files.map(file => readFileSync(file, 'latin1')), ...flux].join('\n')
}

function expectNothingRaw(text: string): void {
  const folded = text.toLowerCase()
  for (const secret of [CANARY, EMAIL]) {
    const bytes = Buffer.from(secret)
    for (const form of [secret, bytes.toString('hex'), bytes.toString('base64').slice(0, 14)]) {
      const at = folded.indexOf(form.toLowerCase())
      expect(at < 0 ? '' : text.slice(Math.max(0, at - 200), at + 60)).toBe('')
    }
  }
}

const leaf = JSON.stringify({ password: CANARY, note: `to ${EMAIL}` })
const rest = `,"password":"${CANARY}","note":"${EMAIL}"`
const BODIES: Record<string, () => { body: string | Uint8Array; headers?: Record<string, string> }> = {
  'depth 10,000': () => ({ body: `${'{"a":'.repeat(10_000)}${leaf}${'}'.repeat(10_000)}` }),
  'depth 100,000 of arrays': () => ({ body: `${'['.repeat(100_000)}${leaf}${']'.repeat(100_000)}` }),
  '20 MB': () => ({ body: `{"fill":"${'lorem ipsum '.repeat(1_700_000)}"${rest}}` }),
  '3 MB of text': () => ({ body: `${'lorem ipsum, dolor@sit '.repeat(130_000)} password=${CANARY} ${EMAIL}` }),
  'invalid UTF-8': () => ({ body: Buffer.concat([Buffer.from([0xc3, 0x28, 0xff]), Buffer.from(leaf)]) }),
  'gzip bomb': () => ({
    body: gzipSync(`{"fill":"${' '.repeat(30_000_000)}"${rest}}`),
    headers: { 'content-encoding': 'gzip' },
  }),
  'gzip cut short': () => ({ body: gzipSync(leaf).subarray(0, 40), headers: { 'content-encoding': 'gzip' } }),
  prototypes: () => ({ body: `{"__proto__":${leaf},"constructor":{"prototype":${leaf}}}` }),
  'many keys': () => ({
    body: `{${Array.from({ length: 40_000 }, (_, index) => `"k${index}":"user${index}@canary-corp.io"`).join(',')}${rest}}`,
  }),
}

test('hostile bodies: answered, no pause, nothing raw', async () => {
  const config = 'export default { capture: { baseline: 0, perFingerprint: 100 } }'
  const service = new Service({ source: SERVICE, config, env: { TMPDIR: scratch } })
  await post(service, '{}')
  for (const [name, make] of Object.entries(BODIES)) {
    const { body, headers = {} } = make()
    await pause(service)
    expect(await post(service, body, { 'content-type': 'application/json', ...headers }), name).toBe(500)
    await new Promise(resolve => setTimeout(resolve, 100))
    const { longest, stats } = await pause(service)
    expect(stats.failedWrites, name).toBe(0)
    expect(longest, name).toBeLessThan(50)
  }
  expect(await service.stop()).toBe(0)
  expect(service.stderr).toBe('')
  expectNothingRaw(leftBehind(service, scratch))
  expect((await service.recordings()).length).toBeGreaterThan(5)
})

const CALLS = `
import { flux } from 'flux-capture'
import { setTimeout as sleep } from 'node:timers/promises'
const secret = '${CANARY}', email = '${EMAIL}'
class Account { constructor() { this.password = secret; this.note = email } get token() { throw new Error('getter ' + secret) } }
const cyclic = { password: secret }; cyclic.self = cyclic; cyclic.list = [cyclic]
const revoked = Proxy.revocable({}, {}); revoked.revoke()
const detached = new Uint8Array(Buffer.from('password=' + secret)); structuredClone(detached.buffer, { transfer: [detached.buffer] })
let deep = { password: secret }; for (let level = 0; level < 20_000; level++) deep = { deep }
const hostileArray = ['password=' + secret]; hostileArray.map = () => { throw new Error(secret) }
const getterArray = []; Object.defineProperty(getterArray, 0, { get() { throw new Error(secret) }, enumerable: true })
const hostileName = { constructor: { name: { password: secret, note: email } }, message: { toString() { throw new Error(secret) } } }
const values = {
  account: new Account(), cyclic, revoked: revoked.proxy, detached, deep, hostileArray, getterArray,
  symbol: Symbol('password=' + secret), symbolKey: { [Symbol(secret)]: secret, password: secret },
  fn: function () { return 'password=${CANARY}' },
  map: new Map(Array.from({ length: 60_000 }, (_, index) => [email + index, { password: secret }])),
  set: new Set([email]), weak: new WeakMap(), error: new Error('no ' + email, { cause: { password: secret } }),
  getter: { get password() { throw new Error(secret) } }, proxy: new Proxy({}, { ownKeys() { throw new Error(secret) }, getPrototypeOf() { throw new Error(secret) } }),
  plainProto: JSON.parse('{"__proto__":{"password":"' + secret + '"}}'), nul: Object.assign(Object.create(null), { password: secret }),
  boxed: [new String(email), 5n, -0, NaN, new Date(NaN), /x/, new URL('https://u:' + secret + '@h/?email=' + email)],
  frozen: Object.freeze({ password: secret }), shared: new SharedArrayBuffer(8),
  many: Array.from({ length: 150_000 }, (_, id) => ({ id, password: secret })), instances: Array.from({ length: 50_000 }, () => new Account()),
  dynamic: new ({ [email]: class {} })[email](),
}
let wrong = 0
for (const [name, value] of Object.entries(values)) {
  const run = flux.wrap('job.' + name, given => { throw hostileName })
  try { run(value, { password: secret }); wrong++ } catch (error) { if (error !== hostileName) { wrong++; process.stderr.write('WRONG ' + name + ' ' + error.message + '\\n') } }
  const back = flux.wrap('back.' + name, given => { flux.keep(); console.log('%s', name); return given })
  try { if (back(value) !== value) wrong++ } catch (error) { wrong++; process.stderr.write('WRONG ' + name + '\\n') }
}
const { stats } = flux
await sleep(1500)
console.log('ended', wrong, JSON.stringify(stats()))
`

test('hostile values of a wrapped function: it goes on as it would, nothing raw', async () => {
  const service = new Service({ source: CALLS, env: { TMPDIR: scratch } })
  expect(await service.exited).toBe(0)
  expect(service.stdout).toContain('ended 0')
  expectNothingRaw(leftBehind(service, scratch))
  expect((await service.recordings()).length).toBeGreaterThan(30)
})

const write = { password: CANARY, note: EMAIL }

test.each([['a file', (dir: string) => dir]])('a store that cannot be written', async () => {
  const blocked = join(scratch, 'blocked')
  mkdirSync(blocked)
  symlinkSync('/proc/1/root', join(blocked, 'recordings'))
  const config = 'export default { capture: { baseline: 0 } }'
  const service = new Service({ source: SERVICE, config, env: { TMPDIR: scratch, FLUX_STORE: blocked } })
  for (let index = 0; index < 3; index++) expect(await post(service, JSON.stringify(write))).toBe(500)
  await expect.poll(async () => (await pause(service)).stats.failedWrites, { timeout: 10_000 }).toBe(3)
  expect(await service.stop()).toBe(0)
  expect(service.stderr).toMatch(/^flux: a recording could not be written: [^\n]*\n$/)
  expectNothingRaw(leftBehind(service, scratch))
})

test('an uncaught exception, and an exit at once: what is written is whole and sanitized', async () => {
  const service = new Service({ source: SERVICE, env: { TMPDIR: scratch } })
  await Promise.all(
    Array.from({ length: 3 }, () => post(service, JSON.stringify({ ...write, fill: 'y'.repeat(200_000) }))),
  )
  service.child.kill('SIGUSR2')
  await service.exited
  expectNothingRaw(leftBehind(service, scratch))
  // The one writer that died may leave the one file it was at, sanitized like the rest and seen by no reader.
  expect(filesBelow(service.folder).filter(file => file.endsWith('.tmp')).length).toBeLessThanOrEqual(1)
  expect((await service.recordings()).length).toBe(3)
})
