import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newId, printFixture, readFixture } from 'flux-fixtures'
import { afterEach, expect, test } from 'vitest'
import {
  APP,
  failedCall,
  failedRequest,
  type ScratchProject,
  scratchProject,
  succeededRequest,
} from './project.example.ts'

// vitest takes the docblock's words for its own, wherever they stand in a test file.
const ENVIRONMENT = '@jest-' + 'environment'
let project: ScratchProject
afterEach(() => project.remove())

const INVOICE = `import 'node:os'

export async function send(invoice: { id: number; to?: { mail: string } }): Promise<string> {
  return invoice.to!.mail
}
`

function read(name: string): string {
  return readFileSync(join(project.dir, name), 'utf8')
}

test('a proven fixture and its test are written, twice the same, and the test is red until the bug is fixed', async () => {
  project = scratchProject({
    'src/app.ts': APP,
    'vitest.config.mjs': "import flux from 'vitest-plugin-flux'\nexport default { plugins: [flux()] }\n",
  })
  await project.keep(succeededRequest())
  const { id } = await project.keep(failedRequest())
  const first = await project.flux('pull', id)
  const stem = `test/flux/post-checkout-500-${id.slice(0, 6)}`
  expect(first, first.err).toMatchObject({ code: 0 })
  expect(first.out).toContain(`written    ${stem}.flux.json\n`)
  expect(first.out).toContain('5 of 5 replays reproduced the failure')
  const fixture = JSON.parse(read(`${stem}.flux.json`))
  expect(fixture).toMatchObject({
    title: 'POST /checkout no longer answers 500',
    baseline: { status: 200, shape: { count: 'number' } },
    proof: { result: 'reproduced', runs: 5, of: fixture.digest },
  })
  expect(read(`${stem}.flux.test.ts`)).toBe(`import { expect, test } from 'vitest'
import { replay } from 'vitest-plugin-flux/replay'
import { app } from '../../src/app'

// @flux-fixture ./post-checkout-500-${id.slice(0, 6)}.flux.json
test('POST /checkout no longer answers 500', async () => {
  const execution = await replay(app)
  expect(execution).toBeFixed()
})
`)
  const before = [read(`${stem}.flux.json`), read(`${stem}.flux.test.ts`)]
  const second = await project.flux('pull', id.toUpperCase(), '--json')
  expect(JSON.parse(second.out)).toMatchObject({
    fixture: `${stem}.flux.json`,
    test: `${stem}.flux.test.ts`,
    proof: { runs: 5 },
    verdict: { result: 'reproduced', id },
  })
  expect([read(`${stem}.flux.json`), read(`${stem}.flux.test.ts`)]).toEqual(before)
  const checked = await project.flux('check')
  expect(checked, checked.out + checked.err).toMatchObject({ code: 0 })

  const red = await project.run('npx', ['vitest', 'run'])
  expect(red.code).toBe(1)
  expect(red.out + red.err).toContain('The recorded failure happened again')
  project.write({ 'src/app.ts': APP.replace('.lines.length', '.lines?.length ?? 0') })
  const green = await project.run('npx', ['vitest', 'run'])
  expect(green.code, green.out + green.err).toBe(0)
})

test('jest gets a docblock; an edited test and authored answers stay; a fixture can be pulled again', async () => {
  project = scratchProject({
    'package.json': JSON.stringify({ devDependencies: { jest: '30' } }),
    'flux.config.mjs': "export default { entry: { http: './src/app.js' } }\n",
    'src/app.js': "const other = require('./other')\nmodule.exports = other.app\n",
    'src/other.js':
      'exports.app = (request, response) => { response.statusCode = 500; response.setHeader("content-type", "application/json"); response.end(\'{"error":"internal"}\') }\n',
  })
  const { id } = await project.keep(failedRequest())
  const pulled = await project.flux('pull', id.slice(0, 10), '--out', 'spec', '--json')
  expect(pulled, pulled.err).toMatchObject({ code: 0 })
  const { fixture, test: file } = JSON.parse(pulled.out)
  expect(file).toBe(`spec/post-checkout-500-${id.slice(0, 6)}.flux.test.js`)
  expect(read(file)).toBe(`/**
 * ${ENVIRONMENT} flux
 * @flux-fixture ./post-checkout-500-${id.slice(0, 6)}.flux.json
 */
const { replay } = require('jest-environment-flux/replay')
const entry = require('../src/app')

test('POST /checkout no longer answers 500', async () => {
  const execution = await replay(entry)
  expect(execution).toBeFixed()
})
`)
  writeFileSync(join(project.dir, file), `${read(file)}// mine\n`)
  const again = await project.flux('pull', fixture, '--out', 'spec')
  expect(again.out).toContain(`unchanged  ${fixture}`)
  expect(again.out).toContain(`kept       ${file}`)
  expect(read(file)).toContain('// mine')
  const recorded = readFixture(read(fixture), fixture)
  const effect = { boundary: 'http', kind: 'http', operation: 'request', target: 'GET x', request: null, write: false }
  const place = { index: 0, path: '0', issuedAt: 0, bytesSent: false, provenance: 'authored' as const }
  const entry = { ...place, effect, outcome: { status: 'returned' as const, value: 1 } }
  const authored = printFixture({ ...recorded, effects: [entry] })
  writeFileSync(join(project.dir, fixture), authored)
  expect((await project.flux('pull', id, '--out', 'spec')).out).toContain(`kept       ${fixture}`)
  expect(read(fixture)).toBe(authored)
})

test('a wrapped function is pulled by its own entry, and collisions of names are resolved', async () => {
  project = scratchProject({ 'src/invoice.ts': INVOICE })
  const error = { class: 'TypeError', message: "Cannot read properties of undefined (reading 'mail')" }
  const frame = { ...error, frame: 'src/invoice.ts:4:22 in send' }
  const now = Date.UTC(2026, 10, 20)
  const first = await project.keep({ ...failedCall('invoice.send', frame), id: newId(now) })
  const second = await project.keep({ ...failedCall('invoice.send', frame), id: newId(now + 40) })
  for (const { id } of [first, second]) {
    const { code, err } = await project.flux('pull', id)
    expect(code, err).toBe(0)
  }
  const names = readdirSync(join(project.dir, 'test/flux')).filter(name => name.endsWith('.json'))
  expect(names).toHaveLength(2)
  expect(names.every(name => name.startsWith('invoice-send-typeerror-'))).toBe(true)
  const text = read(`test/flux/invoice-send-typeerror-${first.id.slice(0, 6)}.flux.test.ts`)
  expect(text).toContain("test('invoice.send no longer throws TypeError'")
  expect(text).toContain("import { send } from '../../src/invoice'")
})

test('what is not proven is not written', async () => {
  project = scratchProject({
    'src/app.ts': APP.replace('.lines.length', '.lines?.length ?? 0'),
    'src/invoice.ts': INVOICE.replace('return', "await fetch('https://mail.example/\\u001b[31m')\n  return"),
  })
  const taken = [{ path: '/trigger/request/body/json/cart', kind: 'number', mode: 'opaque' }]
  const request = await project.keep({ ...failedRequest(), ...({ sanitized: taken } as object) })
  const fixed = await project.flux('pull', request.id)
  expect(fixed.code).toBe(1)
  expect(fixed.err).toContain("today's code no longer fails: the failure does not recur")
  expect(fixed.err).toContain('now        200')
  expect(fixed.err).toContain('/trigger/request/body/json/cart  (number)')

  const call = failedCall('invoice.send', { class: 'TypeError', message: 'x' })
  const effect = {
    boundary: 'undici',
    kind: 'http',
    operation: 'request',
    target: 'POST https://x.example/',
    request: { body: 'a' },
    write: true,
  }
  const outcome = { status: 'returned' as const, value: null }
  const at = { path: '0', issuedAt: 1, completedAt: 2, bytesSent: true }
  const { id } = await project.keep({
    ...call,
    effects: [0, 1].map(index => ({ index, effect, outcome, completion: index + 1, ...at })),
    failure: { kind: 'throw', error: { class: 'TypeError', message: 'x' }, afterCompletion: 2, afterIssue: 2 },
    ...({ sanitized: [{ path: '/effects/0/effect/request/body', kind: 'bearer', mode: 'opaque' }] } as object),
  })
  const diverged = await project.flux('pull', id, '--json')
  expect(diverged.code, diverged.err).toBe(1)
  expect(JSON.parse(diverged.out)).toMatchObject({
    fixture: null,
    test: null,
    proof: null,
    verdict: { result: 'diverged' },
  })
  expect(diverged.err).toContain('/effects/0/effect/request/body  (bearer)')
  expect(diverged.err).not.toContain('\u001b')
  expect(existsSync(join(project.dir, 'test'))).toBe(false)
})

test('what cannot be done is said in one line and a hint', async () => {
  project = scratchProject({ 'src/app.ts': 'export const server = 1\nexport type app = number\n' })
  const { id } = await project.keep(failedRequest())
  await project.keep({ ...failedRequest(), id: `${id.slice(0, 20)}000000` })
  const cases: [string[], RegExp][] = [
    [['pull'], /missing required args/i],
    [['pull', '7zzz'], /No recording has the id "7zzz"/],
    [['pull', id.slice(0, 12)], /2 recordings have ids that begin with/],
    [['pull', './none.flux.json'], /There is no file/],
    [['pull', 'src/app.ts'], /src\/app\.ts:1:/],
    [['pull', id, '--runner', 'mocha'], /--runner must be vitest or jest|does not export/],
    [['pull', id], /src\/app\.ts does not export "app"; it exports server/],
    [['pull', id, '--config', 'none.mjs'], /There is no configuration "none\.mjs"/],
    [['pull', id, '--store', 's3://bucket/x'], /is no directory/],
    [['pul', id], /There is no command "pul"/],
    [['pull', id, '--frob'], /Unknown option --frob/],
    [['pull', id, 'more'], /Unused args/],
    [['list', '--limit', 'x'], /--limit must be/],
    [['list', '--limit'], /value is missing/],
    [['check', 'none.flux.json'], /There is no file/],
  ]
  for (const [args, message] of cases) {
    const { code, err, out } = await project.flux(...args)
    expect(err, args.join(' ')).toMatch(message)
    expect({ code, out, lines: err.trimEnd().split('\n').length }, args.join(' ')).toEqual({
      code: 2,
      out: '',
      lines: 2,
    })
  }
  const config = async (text: string) => {
    project.write({ 'flux.config.mjs': `export default ${text}\n` })
    return await project.flux('pull', id)
  }
  expect((await config('{}')).err).toMatch(/flux\.config\.mjs names no entry for "http"/)
  expect((await config("{ entry: { http: './src/none.ts' } }")).err).toMatch(/names a module that does not exist/)
  expect((await config('{ stor: 1 }')).err).toMatch(/Did you mean store\?/)
  expect((await config('{')).err).toMatch(/cannot be read/)
  project.write({ 'flux.config.ts': "const http: string = './src/none.ts'\nexport default { entry: { http } }\n" })
  expect((await project.flux('pull', id, '--config', 'flux.config.ts')).err).toMatch(/module that does not exist/)
  project.write({ 'src/app.ts': "throw new Error('no DATABASE_URL')\nexport const app = 1\n" })
  const broken = await config("{ entry: { http: './src/app.ts#app' } }")
  expect(broken).toMatchObject({ code: 2 })
  expect(broken.err).toMatch(/src\/app\.ts cannot be loaded: no DATABASE_URL/)
  const json = await project.flux('pull', '7zzz', '--json')
  expect(JSON.parse(json.out)).toMatchObject({ error: { code: 'FLUX_NOT_FOUND' } })
})
