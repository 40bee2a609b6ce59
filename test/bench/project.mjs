// A project on disk whose tests are measured: the fixed service, and test files for both runners.
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { toFixture } from 'flux-codegen'
import { printFixture } from 'flux-fixtures'
import { orderOf, SKUS } from './schema.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const FILES = 20

/** How a test gets at the handler, by name; `call` and `http` are replays. */
export const MODES = ['empty', 'stub', 'call', 'http stub', 'http']
const REPLAYS = ['call', 'http']
export const RUNNERS = ['vitest', 'jest']

/**
 * Writes the project.
 * @param recordings `call` and `http`
 * @param many how many tests there are in a file of many
 * @returns what runs the tests of a mode: `one` test, `many` in one file, or `files` of one test each
 */
export async function writeProject(folder, root, recordings, many) {
  mkdirSync(folder, { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const write = (name, text) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  write('package.json', '{ "type": "module" }')
  write('vitest.plain.mjs', "export default { test: { include: ['**/*.test.mjs'] } }")
  write(
    'vitest.flux.mjs',
    "import flux from 'vitest-plugin-flux'\nexport default { plugins: [flux()], test: { include: ['**/*.test.mjs'] } }",
  )
  write(
    'jest.config.json',
    '{ "testMatch": ["**/*.test.cjs"], "transform": {}, "watchman": false, "moduleFileExtensions": ["js", "cjs", "json"] }',
  )
  for (const name of ['app', 'job']) copyFileSync(join(here, `${name}.mjs`), join(folder, `${name}.mjs`))
  const service = readFileSync(join(here, 'service.mjs'), 'utf8')
  write('service.mjs', service.replace('quote.discount.code', 'quote.discount?.code'))
  write('canned.mjs', canned())
  for (const name of ['app', 'job', 'service', 'canned']) {
    write(`${name}.cjs`, await asCommonJs(readFileSync(join(folder, `${name}.mjs`), 'utf8')))
  }
  const fixtures = Object.fromEntries(REPLAYS.map(mode => [mode, provenFixture(recordings[mode])]))
  for (const mode of REPLAYS) write(fileOf(mode), fixtures[mode])
  for (const mode of MODES) {
    for (const [size, files, tests] of [
      ['one', 1, 1],
      ['many', 1, many],
      ['files', FILES, 1],
    ]) {
      for (let file = 0; file < files; file++) {
        const text = testFile(mode, tests)
        const name = join('tests', `${mode.replace(' ', '-')}-${size}`, `order-${file}`)
        if (mode in fixtures) write(join(dirname(name), fileOf(mode)), fixtures[mode])
        write(`${name}.test.mjs`, text.vitest)
        write(`${name}.test.cjs`, (await asCommonJs(text.jest)).replace(/^/, text.pragma))
      }
    }
  }
  return { folder, root, many, files: FILES }
}

/** The name of a mode's fixture. */
export function fileOf(mode) {
  return `${mode}.flux.json`
}

/** The arguments for Node that run one mode in one size. */
export function commandOf(project, runner, mode, size) {
  const tests = join('tests', `${mode.replace(' ', '-')}-${size}`)
  const config = REPLAYS.includes(mode) ? 'vitest.flux.mjs' : 'vitest.plain.mjs'
  const modules = join(project.root, 'node_modules')
  if (runner === 'jest') return [join(modules, 'jest/bin/jest.js'), '--config', 'jest.config.json', `${tests}/`]
  return [join(modules, 'vitest/vitest.mjs'), 'run', '--config', config, `${tests}/`]
}

/** The recording as a fixture. That it reproduces is not what is measured here: its proof is written unseen. */
function provenFixture(recording) {
  const fixture = toFixture(recording, { title: 'an order with a coupon is placed' })
  return printFixture({ ...fixture, proof: { result: 'reproduced', runs: 5, of: fixture.digest } })
}

async function asCommonJs(text) {
  const { code } = await transform(text.replaceAll('.mjs', '.cjs'), { format: 'cjs', platform: 'node' })
  return code
}

/** What a person writes who stubs the pool and fetch by hand. */
function canned() {
  const lines = SKUS.map((sku, index) => ({ sku, quantity: 1 + (index % 4), price: 450 + index * 90 }))
  const articles = SKUS.map(sku => ({ sku, title: `article ${sku}`, price: 400, stock: 1000 }))
  return `
const answers = [
  [/flux_bench_customers/, [{ id: 1, name: 'customer 1', tier: 'silver', since: new Date(0) }]],
  [/flux_bench_articles/, ${JSON.stringify(articles)}],
  [/flux_bench_orders/, [{ id: 7 }]],
]
export const pool = { query: async text => ({ rows: answers.find(([pattern]) => pattern.test(text))[1] }) }
export const stubFetch = async () => new Response(${JSON.stringify(JSON.stringify({ currency: 'EUR', lines }))})
export const order = ${JSON.stringify(orderOf(1, 'spring'))}
`
}

const CASES = {
  empty: {
    head: '',
    body: 'expect(1).toBe(1)',
  },
  stub: {
    head: `
import { placeOrder } from '../../service.mjs'
import { order, pool, stubFetch } from '../../canned.mjs'
globalThis.fetch = stubFetch`,
    body: `const placed = await placeOrder(pool, 'http://quotes.test', JSON.parse(order))
  expect(placed.id).toBe(7)`,
  },
  call: {
    head: `
import { replay } from 'RUNNER/replay'
import { place } from '../../job.mjs'`,
    body: 'expect(await replay(place)).toBeFixed({ complete: true })',
  },
  'http stub': {
    head: `
import { once } from 'node:events'
import { createApp } from '../../service.mjs'
import { order, pool, stubFetch } from '../../canned.mjs'
const realFetch = globalThis.fetch
globalThis.fetch = stubFetch
let server
beforeAll(async () => {
  server = createApp(pool, 'http://quotes.test').listen(0)
  await once(server, 'listening')
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})`,
    body: `const answer = await realFetch('http://127.0.0.1:' + server.address().port + '/orders', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: order })
  await answer.text()
  expect(answer.status).toBe(201)`,
  },
  http: {
    head: `
import { replay } from 'RUNNER/replay'
import { app } from '../../app.mjs'`,
    body: 'expect(await replay(app)).toBeFixed({ complete: true })',
  },
}

function testFile(mode, count) {
  const { head, body } = CASES[mode]
  const isReplay = REPLAYS.includes(mode)
  const pragma = isReplay ? `/**\n * @jest-environment flux\n * @flux-fixture ./${fileOf(mode)}\n */\n` : ''
  const tests = `for (let number = 0; number < ${count}; number++) test('order ' + number, async () => {\n  ${body}\n})\n`
  return {
    pragma,
    vitest: `${isReplay ? `// @flux-fixture ./${fileOf(mode)}\n` : ''}import { afterAll, beforeAll, expect, test } from 'vitest'${head.replace('RUNNER', 'vitest-plugin-flux')}\n${tests}`,
    jest: `${head.replace('RUNNER', 'jest-environment-flux')}\n${tests}`,
  }
}
