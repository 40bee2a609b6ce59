/** What a warm process had: answers of its start-up are in the fixture; what an earlier request cached is missed in words. */
import { afterAll, expect, test } from 'vitest'
import { type Edit, Shop } from './shop.ts'

const request = {
  headers: { authorization: 'Bearer ses_Zk3vQ9aTnL4xW7cB' },
  body: { payment: { token: 'tok_9fT2xLw4', card: '4242424242424242' } },
}
/** Asked once, when the module is loaded. */
const AT_IMPORT: readonly Edit[] = [
  [
    'src/checkout.ts',
    'import',
    "import { randomUUID } from 'node:crypto'\nimport { pool } from './database.ts'\nimport",
  ],
  [
    'src/checkout.ts',
    'interface Checkout',
    "const flags = pool.query('SELECT 7 AS limit_of_lines')\nexport const started = { id: randomUUID(), at: Date.now() }\n\ninterface Checkout",
  ],
  [
    'src/checkout.ts',
    'const cart = await findCart',
    'const limit = (await flags).rows[0].limit_of_lines\n  if (limit !== 7) throw new Refusal(400, `No limit: ${limit}`)\n  const cart = await findCart',
  ],
]
/** Asked by whoever comes first, and kept. */
const AT_FIRST_REQUEST: readonly Edit[] = [
  ['src/checkout.ts', 'import', "import { pool } from './database.ts'\nimport"],
  ['src/checkout.ts', 'interface Checkout', 'let flags: Promise<unknown> | undefined\n\ninterface Checkout'],
  [
    'src/checkout.ts',
    'const cart = await findCart',
    "flags ??= pool.query('SELECT 7 AS limit_of_lines')\n  await flags\n  const cart = await findCart",
  ],
]
const shops: Shop[] = []

afterAll(async () => {
  for (const shop of shops) await shop.remove()
})

async function failed(edits: readonly Edit[]): Promise<{ shop: Shop; id: string }> {
  const shop = await Shop.copy()
  shops.push(shop)
  await shop.edit(edits)
  const [wednesday, saturday] = await shop.produce({ PRICES_KEY: 'prices-key-of-a-warm-shop' }, request)
  expect([wednesday?.status, saturday?.status]).toEqual([201, 500])
  return { shop, id: saturday?.id ?? '' }
}

test('what was asked at import is answered from the ambient recording', async () => {
  const { shop, id } = await failed(AT_IMPORT)
  const fixture = await shop.fixtureOf(id)
  expect(fixture.ambient.effects.map(({ effect }) => effect.target)).toEqual(['postgres: SELECT ? AS limit_of_lines'])
  expect(fixture.ambient.draws).toMatchObject([{ kind: 'uuid' }])
  const verdict = await shop.replay(fixture, [])
  expect(verdict).toMatchObject({ result: 'reproduced', leaks: [] })
})

test('what an earlier request had cached ends as a divergence that says so', async () => {
  const { shop, id } = await failed(AT_FIRST_REQUEST)
  const verdict = await shop.replay(await shop.fixtureOf(id), [])
  expect(verdict).toMatchObject({ result: 'diverged', reason: 'warm state' })
  const pulled = shop.flux('pull', id)
  expect(pulled.output).toContain('warm state')
  expect(pulled.status).toBe(1)
})
