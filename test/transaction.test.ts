/** A failure inside a transaction of the checkout example: writes before it, a ROLLBACK after it. */
import type { Fixture } from 'flux-fixtures'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Edit, Shop } from './shop.ts'

const BREAK: Edit = ['src/orders.ts', 'updated_at = $2 WHERE', 'changed_at = $2 WHERE']
const MEND: Edit = ['src/orders.ts', 'changed_at = $2 WHERE', 'updated_at = $2 WHERE']
/** The last digits of a pseudonym are not those of the card: what is cut out of a secret does not reproduce yet. */
const WHOLE: Edit = ['src/checkout.ts', 'payment.card.slice(-4)', "'0000'"]
const PLACE = 'const order = await placeOrder('
let shop: Shop
let fixture: Fixture

beforeAll(async () => {
  shop = await Shop.copy()
  await shop.edit([BREAK, WHOLE])
  const answers = await shop.produce(
    { PRICES_KEY: 'prices-key-for-transactions' },
    {
      headers: { authorization: 'Bearer ses_Zk3vQ9aTnL4xW7cB' },
      body: { payment: { token: 'tok_9fT2xLw4', card: '4242424242424242' } },
    },
  )
  expect(answers[0]?.status).toBe(500)
  fixture = await shop.fixtureOf(answers[0]?.id ?? '', {
    status: 201,
    shape: { currency: 'string', orderId: 'string', placedAt: 'string', total: 'number' },
  })
})

afterAll(() => shop.remove())

test('unchanged code reproduces the error of the server, rolled back', async () => {
  const verdict = await shop.replay(fixture, [])
  expect(verdict.divergences).toEqual([])
  expect(verdict).toMatchObject({ result: 'reproduced', error: { class: 'DatabaseError', code: '42703' } })
  expect(verdict.effects.at(-1)).toMatchObject({ target: 'postgres: ROLLBACK', source: 'recorded' })
})

test('a fix of the SQL text of the failing call is no divergence', async () => {
  const verdict = await shop.replay(fixture, [MEND])
  expect(verdict).toMatchObject({ result: 'reached-frontier', beyond: [{ target: 'postgres: UPDATE carts' }] })
})

test('a fix that replaces the failing call by another is no divergence either', async () => {
  const verdict = await shop.replay(fixture, [
    [
      'src/orders.ts',
      "UPDATE carts SET status = 'ordered', changed_at = $2 WHERE id = $1 AND status = 'open'",
      'SELECT close_cart($1, $2)',
    ],
  ])
  expect(verdict).toMatchObject({ result: 'reached-frontier', beyond: [{ kind: 'postgres' }] })
})

test('an early success that leaves required writes unasked diverges', async () => {
  const verdict = await shop.replay(fixture, [
    ['src/checkout.ts', PLACE, `response.status(200).json({ queued: true })\n  return\n  ${PLACE}`],
  ])
  expect(verdict).toMatchObject({ result: 'diverged', reason: 'missing' })
  expect(verdict.divergences[0]).toMatchObject({ kind: 'missing', effect: { target: 'postgres: INSERT INTO orders' } })
})

test('a catch that answers 200 is told apart by a warning only', async () => {
  const verdict = await shop.replay(fixture, [['src/app.ts', 'response.status(500)', 'response.status(200)']])
  expect(verdict.result).toBe('fixed')
  expect(verdict.warnings.join(' ')).toMatch(
    /A success answered 201 in production; this run answered 200.*rolled back again/,
  )
})
