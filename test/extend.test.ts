/** What a fix of the checkout example asks beyond its recording: blanks, filled in, let the test finish in both runners. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readFixture } from 'flux-fixtures'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Edit, type Finished, Shop } from './shop.ts'

/** A fix that also has the database say when the order was placed. */
const RETURNING: readonly Edit[] = [
  [
    'src/orders.ts',
    'VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`',
    'VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING placed_at, total AS "grandTotal"`',
  ],
  [
    'src/orders.ts',
    '    await client.query(\n      `INSERT INTO orders',
    '    const placed = await client.query<{ grandTotal: string }>(\n      `INSERT INTO orders',
  ],
  [
    'src/orders.ts',
    'for (const { sku, quantity, price } of draft.lines) {',
    'order.total = Number(placed.rows[0]?.grandTotal)\n    for (const { sku, quantity, price } of draft.lines) {',
  ],
]
// Each command replays in processes of its own.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })
let shop: Shop
let vitestFixture: string
let jestFixture: string

beforeAll(async () => {
  shop = await Shop.copy()
  const answers = await shop.produce(
    { PRICES_KEY: 'prices-key-Rt5yU8iO2pQ' },
    {
      headers: { authorization: 'Bearer ses_Zk3vQ9aTnL4xW7cB' },
      body: { payment: { token: 'tok_9fT2xLw4', card: '4242424242424242' } },
    },
  )
  const id = answers[1]?.id ?? ''
  expect(shop.flux('pull', id)).toMatchObject({ status: 0 })
  expect(shop.flux('pull', id, '--runner', 'jest', '--out', 'test/jest')).toMatchObject({ status: 0 })
  const written = await readdir(join(shop.folder, 'test/flux'))
  vitestFixture = `test/flux/${written.find(name => name.endsWith('.flux.json'))}`
  jestFixture = vitestFixture.replace('test/flux', 'test/jest')
  expect(shop.fix().status).toBe(0)
  for (const fixture of [vitestFixture, jestFixture]) {
    const test = join(shop.folder, fixture.replace(/\.json$/, '.test.ts'))
    await writeFile(test, (await readFile(test, 'utf8')).replace('toBeFixed()', COMPLETE))
  }
})

afterAll(() => shop.remove())

const COMPLETE = `toBeFixed({ complete: true })
  expect(execution.response).toMatchObject({ status: 201, body: { currency: 'EUR' } })
  expect(new Set(execution.effects.map(({ source }) => source))).toEqual(new Set(['recorded', 'authored']))`

function both(): { runner: string; finished: Finished }[] {
  return [
    { runner: 'vitest', finished: shop.vitest([], { NO_COLOR: '1' }) },
    { runner: 'jest', finished: shop.jest([], { NO_COLOR: '1' }) },
  ]
}

async function edit(fixture: string, change: (text: string) => string): Promise<void> {
  const file = join(shop.folder, fixture)
  await writeFile(file, change(await readFile(file, 'utf8')))
}

async function added(fixture: string) {
  const text = await readFile(join(shop.folder, fixture), 'utf8')
  return readFixture(text, fixture).effects.filter(({ provenance }) => provenance !== undefined)
}

test('the blanks of the example, filled in, let the test finish in both runners', async () => {
  for (const fixture of [vitestFixture, jestFixture]) {
    const extended = shop.flux('extend', fixture)
    expect(extended.status, extended.output).toBe(3)
    expect(extended.output).toMatch(/query postgres: BEGIN +src\/database\.ts\S+ in transaction +authored: no value/)
    expect(extended.output).toMatch(
      /query postgres: INSERT INTO orders +src\/orders\.ts:\d+:\d+ +blank at \S+\.flux\.json:\d+\n/,
    )
    // The success was another cart, at another time: it is shown, and nothing of it is taken.
    expect(extended.output).toContain('/values/1  there "1", asked "4"')
  }
  const entries = await added(vitestFixture)
  expect(
    entries.map(({ effect, unfilled }) => `${effect.target.replace('postgres: ', '')}${unfilled ? ' ?' : ''}`),
  ).toEqual([
    'BEGIN',
    'INSERT INTO orders ?',
    'INSERT INTO order_lines ?',
    'INSERT INTO order_lines ?',
    'INSERT INTO order_lines ?',
    'UPDATE carts ?',
    'COMMIT',
  ])
  expect(shop.flux('check', vitestFixture).status).toBe(1)
  for (const { runner, finished } of both()) {
    expect(finished.status, runner).toBe(1)
    expect(finished.output, runner).toContain('The run did not finish')
  }
  for (const fixture of [vitestFixture, jestFixture]) {
    await edit(fixture, text => text.replace(/ +"unfilled": true,\n/g, ''))
  }
  for (const { runner, finished } of both()) expect(finished.status, `${runner}: ${finished.output}`).toBe(0)
  expect(shop.flux('extend', vitestFixture)).toMatchObject({ status: 0 })
  expect(shop.flux('check', vitestFixture).status).toBe(0)
})

test('an answer with values is followed no further until it is given', async () => {
  await edit(vitestFixture, text => {
    const fixture = readFixture(text, vitestFixture)
    return JSON.stringify({ ...fixture, effects: fixture.effects.filter(({ provenance }) => provenance === undefined) })
  })
  await shop.edit(RETURNING)
  const first = shop.flux('extend', vitestFixture)
  expect(first.status, first.output).toBe(3)
  expect(first.output).toContain('again: more may follow')
  expect((await added(vitestFixture)).at(-1)).toMatchObject({
    unfilled: true,
    outcome: {
      value: {
        results: [
          { command: 'INSERT 0 1', fields: [{ name: 'placed_at' }, { name: 'grandTotal' }], rows: [[null, null]] },
        ],
        status: 'T',
      },
    },
  })
  await edit(vitestFixture, text =>
    text.replace('[[null, null]]', '[["2026-11-21 10:00:00+00", "9130"]]').replace(/ +"unfilled": true,\n/g, ''),
  )
  const second = shop.flux('extend', vitestFixture)
  expect(second.status, second.output).toBe(3)
  expect(second.output).not.toContain('more may follow')
  await edit(vitestFixture, text => text.replace(/ +"unfilled": true,\n/g, ''))
  expect(shop.flux('extend', vitestFixture)).toMatchObject({ status: 0 })
  const { status, output } = shop.vitest([], { NO_COLOR: '1' })
  expect(status, output).toBe(0)
})
