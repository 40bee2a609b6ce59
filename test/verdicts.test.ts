/** One captured failure of the checkout example, replayed on many versions of its code: each has the verdict it deserves. */
import type { Entry, Fixture } from 'flux-fixtures'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Edit, Shop } from './shop.ts'

let shop: Shop
let fixture: Fixture

beforeAll(async () => {
  shop = await Shop.copy()
  const answers = await shop.produce(
    { PRICES_KEY: 'prices-key-for-verdicts' },
    {
      headers: { authorization: 'Bearer ses_Zk3vQ9aTnL4xW7cB' },
      body: { payment: { token: 'tok_9fT2xLw4', card: '4242424242424242' } },
    },
  )
  const failed = answers[1]
  expect(failed?.status).toBe(500)
  fixture = await shop.fixtureOf(failed?.id ?? '')
})

afterAll(() => shop.remove())

const replayWith = (edits: readonly Edit[], changed: Fixture = fixture) => shop.replay(changed, edits)

const PARSE = 'return { token: answer.token, prices: new Map(answer.prices.map'
const FIX: Edit = [
  'src/prices.ts',
  PARSE,
  'const { quote } = answer as { quote?: { items: { sku: string; unit: { amount: number } }[] } }\n  const prices = quote?.items.map(({ sku, unit }) => ({ sku, price: unit.amount })) ?? answer.prices\n  return { token: answer.token, prices: new Map(prices.map',
]

describe('the bug is still there', () => {
  test('unchanged code reproduces the failure', async () => {
    const verdict = await replayWith([])
    expect(verdict.result).toBe('reproduced')
    expect(verdict.error?.frame).toMatch(/^src\/prices\.ts:\d+:\d+ in askPrices$/)
    expect(verdict.effects.map(({ source }) => source)).toEqual(['recorded', 'recorded', 'recorded'])
    expect(verdict.leaks).toEqual([])
  })

  test('a comment above the failing line changes nothing', async () => {
    const verdict = await replayWith([['src/prices.ts', PARSE, `// One.\n  // Two.\n  ${PARSE}`]])
    expect(verdict.result).toBe('reproduced')
  })

  test('an unrecorded query just above the failing line does not hide it', async () => {
    const verdict = await replayWith([
      ['src/prices.ts', PARSE, `await pool.query('SELECT 1 FROM carts')\n  ${PARSE}`],
      ['src/prices.ts', 'import', `import { pool } from './database.ts'\nimport`],
    ])
    expect(verdict.result).toBe('reproduced')
    expect(verdict.beyond.map(({ target }) => target)).toEqual(['postgres: SELECT FROM carts'])
  })

  test('two unrecorded calls above the failing line do not hide it either', async () => {
    const verdict = await replayWith([
      [
        'src/prices.ts',
        PARSE,
        `await fetch('http://audit.example/a')\n  await fetch('http://audit.example/b')\n  ${PARSE}`,
      ],
    ])
    expect(verdict.result).toBe('reproduced')
  })

  test('a retry around the failing call is no fix', async () => {
    const verdict = await replayWith([
      [
        'src/checkout.ts',
        'await askPrices(cart.lines)',
        'await askPrices(cart.lines).catch(() => askPrices(cart.lines))',
      ],
    ])
    expect(verdict.result).not.toBe('fixed')
  })

  test('a guard that moves the failure elsewhere is a different failure', async () => {
    const verdict = await replayWith([
      ['src/prices.ts', PARSE, PARSE.replace('answer.prices.map', 'answer.prices!.filter')],
    ])
    expect(verdict.result).toBe('different-failure')
  })
})

describe('the bug is fixed', () => {
  test('a fix that goes on to the database reaches the frontier', async () => {
    const verdict = await replayWith([FIX])
    expect(verdict.result).toBe('reached-frontier')
    expect(verdict.beyond).toMatchObject([{ kind: 'postgres', target: 'postgres: BEGIN' }])
    expect(verdict.leaks).toEqual([])
  })

  test('authored entries let it finish', async () => {
    const verdict = await replayWith(
      [FIX],
      authored(['BEGIN', 'INSERT INTO orders', 'order_lines', 'order_lines', 'order_lines', 'UPDATE carts', 'COMMIT']),
    )
    expect(verdict.result).toBe('fixed')
    expect(verdict.response).toMatchObject({ status: 201, body: { currency: 'EUR' } })
    expect(verdict.effects.filter(({ source }) => source === 'authored')).toHaveLength(7)
  })

  test('a fix that asks the failing call differently is no divergence', async () => {
    const verdict = await replayWith([['src/prices.ts', "currency: 'EUR', lines", "currency: 'EUR', shape: 1, lines"]])
    expect(verdict.result).toBe('reached-frontier')
    expect(verdict.beyond).toMatchObject([{ kind: 'http', operation: 'request' }])
  })

  test('refusing early with a 4xx is a fix that leaves calls unasked', async () => {
    const verdict = await replayWith([
      [
        'src/checkout.ts',
        'const cart = await findCart',
        "if (cartId === 4) throw new Refusal(422, 'Not on Saturdays')\n  const cart = await findCart",
      ],
    ])
    expect(verdict).toMatchObject({ result: 'fixed', response: { status: 422 } })
    expect(verdict.orphans).toHaveLength(3)
  })

  test('a deliberate 503 is a different failure, unless the test means it', async () => {
    const verdict = await replayWith([
      [
        'src/prices.ts',
        PARSE,
        `if (!answer.prices) throw Object.assign(new Error('No prices'), { status: 503 })\n  ${PARSE}`,
      ],
      ['src/app.ts', 'error.status < 500', 'error.status < 600'],
    ])
    expect(verdict).toMatchObject({ result: 'different-failure', response: { status: 503 } })
  })
})

describe('the code no longer does what was recorded', () => {
  test('an unrecorded call while required ones are unasked diverges', async () => {
    const verdict = await replayWith([
      [
        'src/checkout.ts',
        'const cart = await findCart',
        `await fetch('http://audit.example/seen')\n  const cart = await findCart`,
      ],
    ])
    expect(verdict.result).toBe('diverged')
    expect(verdict.divergences).toMatchObject([
      { kind: 'unexpected', effect: { target: 'GET http://audit.example/seen' } },
    ])
  })

  test('a changed query shows the fields that differ', async () => {
    const verdict = await replayWith([['src/orders.ts', '[cartId, session]', '[cartId + 1, session]']])
    expect(verdict.result).toBe('diverged')
    expect(verdict.divergences).toMatchObject([
      { kind: 'changed', differences: [{ path: '/values/0', recorded: '4', asked: '5' }] },
    ])
  })

  test('a swallowed divergence is still one', async () => {
    const verdict = await replayWith([
      [
        'src/checkout.ts',
        'const cart = await findCart',
        `try { await fetch('http://audit.example/seen') } catch {}\n  const cart = await findCart`,
      ],
    ])
    expect(verdict.result).toBe('diverged')
  })

  test('a socket past every boundary is a leak, even when the program swallows the error', async () => {
    const verdict = await replayWith([
      ['src/checkout.ts', 'import', `import net from 'node:net'\nimport`],
      [
        'src/checkout.ts',
        'const cart = await findCart',
        `await new Promise(done => net.connect(9, '127.0.0.1').on('error', done))\n  const cart = await findCart`,
      ],
    ])
    expect(verdict).toMatchObject({ result: 'leaked', leaks: [{ kind: 'socket', target: '127.0.0.1:9' }] })
  })

  test('a wait above the failing line changes nothing', async () => {
    const verdict = await replayWith([
      [
        'src/checkout.ts',
        'const cart = await findCart',
        `await new Promise(done => setTimeout(done, 5_000))\n  const cart = await findCart`,
      ],
    ])
    expect(verdict).toMatchObject({ result: 'reproduced', leaks: [] })
    expect(verdict.clock.endedAt - verdict.clock.startedAt).toBeGreaterThan(5_000)
  })
})

describe('the fixture', () => {
  test('without proof is never green', async () => {
    const { proof: _proof, ...unproven } = fixture
    expect(await replayWith([FIX], unproven)).toMatchObject({ result: 'not-replayable', reason: 'unproven' })
  })

  test('edited under its proof is never green', async () => {
    const edited = { ...fixture, failure: { ...fixture.failure, status: 502 } } as Fixture
    expect((await replayWith([FIX], edited)).reason).toBe('the proof is for another recording')
  })
})

/** The fixture with answers that a person wrote for what comes after the failure. */
function authored(texts: readonly string[]): Fixture {
  const entries = texts.map((text, index): Entry => {
    const rows =
      text === 'UPDATE carts' ? 'UPDATE 1' : text.startsWith('INSERT') || text === 'order_lines' ? 'INSERT 0 1' : text
    const command = rows
    return {
      index: 100 + index,
      path: '',
      issuedAt: 0,
      bytesSent: false,
      provenance: 'authored',
      effect: { boundary: 'pg', kind: 'postgres', operation: 'query', target: text, request: {}, write: true },
      outcome: { status: 'returned', value: { results: [{ command, fields: [], rows: [] }], status: 'I' } },
    }
  })
  return { ...fixture, effects: [...fixture.effects, ...entries] }
}
