/** One bug, and fixes that come with harmless changes of everything around it: they ask for the same in other words. */
import { again, type Bug, type Edit, fix, fixed, json, nonFix } from './bug.ts'

const MEND: Edit = ['receipt.links[0].href', "receipt.links?.[0]?.href ?? ''"]
const DONE = fixed({ status: 201, body: { total: 1100, link: '' } })
const EXPRESS = "import express from 'express'"

export const rewrites: readonly Bug[] = [
  {
    program: 'ledger',
    sql: 'DROP TABLE IF EXISTS ledger; CREATE TABLE ledger (id uuid, cents int, at timestamptz)',
    upstream: {
      'GET /ledger/rates/chf': json({ rate: 2 }),
      'GET /ledger/rates/eur': json({ rate: 1.1 }),
      'POST /ledger/receipts': (response, { nth }) => json(nth === 1 ? { links: [{ href: '/r/1' }] } : {})(response),
    },
    before: [{ request: 'POST /ledger', body: { cents: 500, currency: 'chf' } }],
    trigger: { request: 'POST /ledger', body: { cents: 1000, currency: 'eur' } },
    failure: { status: 500, error: "TypeError: Cannot read properties of undefined (reading '0')" },
    versions: [
      fix('nothing else changes', [MEND], DONE),
      fix(
        'it logs, and reads clocks',
        [
          MEND,
          ['  const id', "  console.log('ledger', new Date())\n  const id"],
          [
            '  response.status',
            '  console.log(performance.now(), process.hrtime.bigint(), Date.now())\n  response.status',
          ],
        ],
        DONE,
      ),
      fix('the keys of a body in another order', [MEND, ['{ id, cents })', '{ cents, id })']], DONE),
      fix(
        'a query as an object',
        [
          MEND,
          [
            "'INSERT INTO ledger (id, cents, at) VALUES ($1, $2, $3)', [id, cents, new Date()]",
            "{ text: 'INSERT INTO ledger (id, cents, at) VALUES ($1, $2, $3)', values: [id, cents, new Date()] }",
          ],
        ],
        DONE,
      ),
      fix(
        'a client taken by hand',
        [
          MEND,
          ["  await pool.query('INSERT", "  const client = await pool.connect()\n  await client.query('INSERT"],
          ['  const rate', '  client.release()\n  const rate'],
        ],
        DONE,
      ),
      fix(
        'node:http in place of fetch for a call that did not fail',
        [
          MEND,
          [
            EXPRESS,
            "import http from 'node:http'\nimport { json } from 'node:stream/consumers'\nimport express from 'express'",
          ],
          [
            '  const answer = await fetch(`${upstream}/ledger/rates/${currency}`)\n  const { rate } = await answer.json()\n  return rate',
            "  return await new Promise((resolve, reject) => {\n    const read = answer => json(answer).then(({ rate }) => resolve(rate))\n    http.get(`${upstream}/ledger/rates/${currency}`, read).on('error', reject)\n  })",
          ],
        ],
        DONE,
      ),
      fix(
        'axios in place of fetch',
        [
          MEND,
          [EXPRESS, "import axios from 'axios'\nimport express from 'express'"],
          [
            '  const answer = await fetch(`${upstream}/ledger/rates/${currency}`)\n  const { rate } = await answer.json()\n  return rate',
            '  return (await axios.get(`${upstream}/ledger/rates/${currency}`)).data.rate',
          ],
        ],
        DONE,
      ),
      fix(
        'a timeout for a call',
        [MEND, ['rates/${currency}`)', 'rates/${currency}`, { signal: AbortSignal.timeout(5_000) })']],
        DONE,
      ),
      fix(
        'a receipt that nobody reads',
        [['  const receipt = await answer.json()', '  const receipt = {}\n  await answer.body.cancel()'], MEND],
        DONE,
      ),
      fix(
        'text, then JSON',
        [MEND, ['await answer.json()\n  await pool', 'JSON.parse(await answer.text())\n  await pool']],
        DONE,
      ),
      fix(
        'what is independent at once',
        [
          MEND,
          [
            "  await pool.query('INSERT INTO ledger (id, cents, at) VALUES ($1, $2, $3)', [id, cents, new Date()])\n  const rate = await rateOf(currency)",
            "  const insert = pool.query('INSERT INTO ledger (id, cents, at) VALUES ($1, $2, $3)', [id, cents, new Date()])\n  const [rate] = await Promise.all([rateOf(currency), insert])",
          ],
        ],
        DONE,
      ),
      fix(
        'an id more is drawn, later',
        [MEND, ['  response.status', "  response.set('x-receipt', randomUUID())\n  response.status"]],
        DONE,
      ),
      // Draws come back in their order: the write has another id than it had.
      fix(
        'an id more is drawn, sooner: the ids after it are others',
        [MEND, ['  const id', "  response.set('x-receipt', randomUUID())\n  const id"]],
        {
          result: 'diverged',
          beyond: ['INSERT INTO ledger'],
          orphans: ['INSERT INTO ledger', 'GET /ledger/rates/eur', 'POST /ledger/receipts', 'UPDATE ledger'],
          divergences: ['changed INSERT INTO ledger /values/0'],
        },
      ),
      fix(
        'awaits more',
        [
          MEND,
          ['  const id', '  await null\n  await Promise.resolve()\n  const id'],
          ['  const headers', '  await new Promise(setImmediate)\n  const headers'],
        ],
        DONE,
      ),
      fix(
        'an await less, and none needed',
        [
          MEND,
          ["  await pool.query('UPDATE", "  const update = pool.query('UPDATE"],
          ['  response.status', '  await update\n  response.status'],
        ],
        DONE,
      ),
      nonFix(
        'everything else changes',
        [
          ['  const id', '  await null\n  const id'],
          ['{ id, cents })', '{ cents, id })'],
        ],
        again(),
      ),
    ],
  },
]
