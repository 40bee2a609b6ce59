/** From a failure of the checkout example in production to a test that is red, then green, in both runners. */
import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Finished, Shop } from './shop.ts'

/** One secret in every place that data comes from. Made here, so that no scanner takes this file for a leak. */
const CANARIES = {
  bearer: ['ses', 'Zk3vQ9aTnL4xW7cB'].join('_'),
  cookie: ['b', '7Qm2XkT9vR4w'].join('_'),
  email: 'mina.okafor.canary@mail.example.org',
  paymentToken: ['tok', '9fT2xLw4Gh7s'].join('_'),
  card: '4242424242424242',
  apiKey: 'prices-key-Rt5yU8iO2pQ',
  customHeader: 'c2VjcmV0LWNhbmFyeS1oZWFkZXI',
  password: 'Tr0ub4dor&3-canary',
}
const MESSAGE =
  /The recorded failure happened again\.[\s\S]*TypeError: Cannot read properties of undefined \(reading 'map'\)[\s\S]*src\/prices\.ts:\d+:\d+ in askPrices/

let shop: Shop
let id: string
let fixtureFile: string

beforeAll(async () => {
  shop = await Shop.copy()
  const answers = await shop.produce(
    { PRICES_KEY: CANARIES.apiKey },
    {
      headers: {
        authorization: `Bearer ${CANARIES.bearer}`,
        cookie: `basket=${CANARIES.cookie}; consent=all`,
        'x-api-key': CANARIES.customHeader,
      },
      body: {
        email: CANARIES.email,
        password: CANARIES.password,
        payment: { token: CANARIES.paymentToken, card: CANARIES.card },
      },
    },
  )
  expect(answers.map(({ status }) => status)).toEqual([201, 500])
  id = answers[1]?.id ?? ''
  expect(shop.flux('pull', id)).toMatchObject({ status: 0 })
  expect(shop.flux('pull', id, '--runner', 'jest', '--out', 'test/jest')).toMatchObject({ status: 0 })
  const written = await readdir(join(shop.folder, 'test/flux'))
  fixtureFile = join(shop.folder, 'test/flux', written.find(name => name.endsWith('.flux.json')) ?? '')
})

afterAll(() => shop.remove())

/** Runs both runners. */
function both(env: Readonly<Record<string, string>> = {}): { runner: string; finished: Finished }[] {
  return [
    { runner: 'vitest', finished: shop.vitest([], { NO_COLOR: '1', ...env }) },
    { runner: 'jest', finished: shop.jest([], { NO_COLOR: '1', ...env }) },
  ]
}

test('red, then green, then red again with the same message', () => {
  const red = both()
  for (const { runner, finished } of red) {
    expect(finished.status, runner).toBe(1)
    expect(finished.output, runner).toMatch(MESSAGE)
  }
  expect(shop.fix().status).toBe(0)
  for (const { runner, finished } of both()) {
    expect(finished.output, runner).toContain('query postgres: BEGIN')
    expect(finished.status, runner).toBe(0)
  }
  expect(shop.fix('--reverse').status).toBe(0)
  for (const [index, { runner, finished }] of both().entries()) {
    expect(finished.status, runner).toBe(1)
    expect(messageOf(finished.output)).toBe(messageOf(red[index]?.finished.output ?? ''))
  }
})

test('red and green hold in an empty network namespace', () => {
  if (shop.command('unshare', ['-rn', 'true']).status !== 0) {
    process.stderr.write('\n*** ABSENT: unshare -rn. That no socket is opened was shown by the floor alone. ***\n')
    return
  }
  const isolated = (module: string, ...args: string[]) =>
    shop.command('unshare', ['-rn', process.execPath, join('node_modules', module), ...args], { NO_COLOR: '1' })
  const runners = () => [
    isolated('vitest/vitest.mjs', 'run', '--exclude', 'test/jest/**'),
    isolated('jest/bin/jest.js', 'test/jest'),
  ]
  for (const { status, output } of runners()) {
    expect(output).toMatch(MESSAGE)
    expect(status).toBe(1)
  }
  expect(shop.fix().status).toBe(0)
  for (const { status, output } of runners()) expect(status, output).toBe(0)
  expect(shop.fix('--reverse').status).toBe(0)
})

test('the fixture has none of the secrets, plain or encoded', async () => {
  const kept = await filesBelow(join(shop.folder, 'test'), join(shop.folder, '.flux'))
  expect(kept.length).toBeGreaterThanOrEqual(5)
  // The shop answers a token of the provider, and its rows carry the address of the customer.
  const seeded = await readFile(join(shop.folder, 'database/seed.sql'), 'utf8')
  const addresses = [...seeded.matchAll(/'([^'\s]+@[^'\s]+)'/g)].map(match => match[1] as string)
  expect(addresses.length).toBeGreaterThan(0)
  for (const [name, secret] of [...Object.entries(CANARIES), ...addresses.map(text => ['row', text] as const)]) {
    const bytes = Buffer.from(secret)
    const forms = [
      secret,
      bytes.toString('base64').replace(/=+$/, ''),
      bytes.toString('hex'),
      encodeURIComponent(secret),
    ]
    for (const { file, text } of kept) {
      for (const form of forms) expect(text.includes(form), `${name} in ${file}`).toBe(false)
    }
  }
})

describe('the verdict is the same, byte for byte', () => {
  test.each(['vitest', 'jest'] as const)(
    'in 20 runs of %s: shuffled, in another zone, on a busy core',
    async runner => {
      const file = await verdictTest(runner)
      const busy = spawn(process.execPath, ['-e', 'for(;;);'])
      try {
        const verdicts = new Set<string>()
        for (let run = 0; run < 20; run++) {
          if (run === 10) busy.kill('SIGKILL')
          const env = { NO_COLOR: '1', ...(run % 2 === 1 && { TZ: 'Pacific/Auckland' }) }
          const shuffle = run % 3 === 0 ? (runner === 'vitest' ? ['--sequence.shuffle'] : ['--randomize']) : []
          const { output } = shop[runner]([...shuffle, ...file], env)
          verdicts.add(/verdict (\{.*\})/.exec(output)?.[1] ?? output)
        }
        expect([...verdicts]).toHaveLength(1)
        expect(JSON.parse([...verdicts][0] as string)).toMatchObject({ result: 'reproduced', leaks: [] })
      } finally {
        busy.kill('SIGKILL')
      }
    },
    180_000,
  )
})

describe('beyond the recording', () => {
  test('complete: true is red at the frontier, and nock scopes let the test finish', async () => {
    const before = await readFile(join(shop.folder, 'src/checkout.ts'), 'utf8')
    expect(shop.fix().status).toBe(0)
    await writeFile(
      join(shop.folder, 'src/checkout.ts'),
      `import { postOrder } from './ledger.ts'\n${before}`.replace('await placeOrder(', 'await postOrder('),
    )
    await writeFile(join(shop.folder, 'src/ledger.ts'), LEDGER)
    const unanswered = await withTest('ledger', ledgerTest(''))
    expect(unanswered.output).toContain('The run did not finish')
    expect(unanswered.output).toContain('POST http://ledger.example/orders')
    expect(unanswered.status).toBe(1)
    const answered = await withTest('ledger', ledgerTest(NOCK))
    expect(answered.status, answered.output).toBe(0)
    const folder = join(shop.folder, 'test/jest')
    await writeFile(join(folder, 'ledger.test.ts'), (await ledgerTest(NOCK)).replace(...FOR_JEST))
    const inJest = shop.jest(['--testNamePattern', 'written by hand'], { NO_COLOR: '1' })
    expect(inJest.output).toContain('1 passed')
    expect(inJest.status, inJest.output).toBe(0)
    await rm(join(folder, 'ledger.test.ts'))
    await writeFile(join(shop.folder, 'src/checkout.ts'), before)
    expect(shop.fix('--reverse').status).toBe(0)
  })
})

test("the runner's own fake timers are explained", async () => {
  const source = await replayTest(
    'vi.useFakeTimers()\n  await replay(app)',
    "import { expect, test, vi } from 'vitest'",
  )
  const { status, output } = await withTest('fake', source)
  expect(output).toContain('vi.useFakeTimers() was called in a test that replays a Flux fixture')
  expect(status).toBe(1)
})

test.each([
  ['--pool=vmThreads', "pool: 'vmThreads'"],
  ['--no-isolate', 'isolate: false'],
])('vitest %s is refused in one clear line', (flag, words) => {
  const { status, output } = shop.vitest([flag], { NO_COLOR: '1' })
  expect(output).toContain(`vitest is configured with ${words}`)
  expect(status).toBe(1)
})

const LEDGER = `export async function postOrder(cart: { id: number }, draft: { lines: unknown[] }) {
  const answer = await fetch('http://ledger.example/orders', { method: 'POST', body: JSON.stringify({ cart: cart.id, lines: draft.lines.length }) })
  return (await answer.json()) as { id: string; total: number; placedAt: string }
}
`

/** The scope on the provider's host would answer its recorded call wrongly, were it asked first. */
const NOCK = `nock('http://ledger.example').post('/orders').reply(201, { id: 'o-1', total: 7, placedAt: 'now' })
  nock(/127\\.0\\.0\\.1/).post('/v1/quotes').reply(500, {})`

/** The same test for jest: its globals, its docblock. */
const FOR_JEST = [
  /^[\s\S]*?import nock[^\n]*\n[^\n]*\n([\s\S]*)vitest-plugin-flux([\s\S]*)\/\/ (@flux-fixture [^\n]*)\n/,
  `/**\n * @${'jest'}-environment flux\n * $3\n */\nimport nock from 'nock'\n$1jest-environment-flux$2`,
] as const

function ledgerTest(scopes: string): Promise<string> {
  return replayTest(
    `${scopes}
  const execution = await replay(app)
  expect(execution).toBeFixed({ complete: true })
  expect(execution.response).toMatchObject({ status: 201, body: { orderId: 'o-1', total: 7 } })`,
    "import nock from 'nock'\nimport { expect, test } from 'vitest'",
  )
}

async function replayTest(body: string, imports: string): Promise<string> {
  const fixture = fixtureFile.slice(fixtureFile.lastIndexOf('/') + 1)
  return `${imports}
import { replay } from 'vitest-plugin-flux/replay'
import { app } from '../../src/app.ts'

// @flux-fixture ./${fixture}
test('written by hand', async () => {
  ${body}
})
`
}

async function withTest(name: string, source: string | Promise<string>): Promise<Finished> {
  await writeFile(join(shop.folder, 'test/flux', `${name}.test.ts`), await source)
  return shop.vitest([`test/flux/${name}.test.ts`], { NO_COLOR: '1' })
}

/** A test that prints its verdict. Returns how to run it alone. */
async function verdictTest(runner: 'vitest' | 'jest'): Promise<string[]> {
  const folder = join(shop.folder, runner === 'vitest' ? 'test/verdict' : 'test/jest')
  await mkdir(folder, { recursive: true })
  const from = runner === 'vitest' ? fixtureFile : fixtureFile.replace('test/flux', 'test/jest')
  const print = `process.stdout.write('\\nverdict ' + JSON.stringify(await replay(app)) + '\\n')`
  const source =
    runner === 'vitest'
      ? `import { test } from 'vitest'\nimport { replay } from 'vitest-plugin-flux/replay'\nimport { app } from '../../src/app.ts'\n\n// @flux-fixture ${from}\ntest('verdict', async () => {\n  ${print}\n})\n`
      : `/**\n * @${'jest'}-environment flux\n * @flux-fixture ${from}\n */\nimport { replay } from 'jest-environment-flux/replay'\nimport { app } from '../../src/app.ts'\n\ntest('verdict', async () => {\n  ${print}\n})\n`
  await writeFile(join(folder, 'verdict.test.ts'), source)
  return runner === 'vitest' ? ['test/verdict'] : ['--testPathPatterns', 'jest/verdict']
}

async function filesBelow(...folders: string[]): Promise<{ file: string; text: string }[]> {
  const found: { file: string; text: string }[] = []
  for (const folder of folders) {
    for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
      const file = join(entry.parentPath ?? entry.path, entry.name)
      if (entry.isFile()) found.push({ file, text: await readFile(file, 'utf8') })
    }
  }
  return found
}

/** The assertion message alone: times and colours of the runners vary. */
function messageOf(output: string): string {
  return /The recorded failure happened again[\s\S]*?next .*/.exec(output)?.[0] ?? output
}
