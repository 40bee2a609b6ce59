/** Bugs in what happens when: missing awaits, parallel and sequential work, order, and calls that nobody waits for. */
import type { ServerResponse } from 'node:http'
import { again, againAfter, type Bug, fix, fixed, frontier, json, nonFix, otherwise } from './bug.ts'

const stampede: ServerResponse[] = []

export const flow: readonly Bug[] = [
  {
    program: 'missing-await',
    sql: `DROP TABLE IF EXISTS plans; CREATE TABLE plans (id int, name text, seats int); INSERT INTO plans VALUES (1, 'pro', 3)`,
    trigger: { request: 'GET /missing-await/1' },
    failure: { status: 500, error: "TypeError: Cannot read properties of undefined (reading 'toUpperCase')" },
    versions: [
      fix(
        'awaited',
        [['const plan = planOf', 'const plan = await planOf']],
        fixed({ status: 200, body: { plan: 'PRO', seats: 3 } }),
      ),
      fix(
        'chained',
        [
          [
            'const plan = planOf(request.params.user)\n  response.json({ plan: plan.name.toUpperCase(), seats: plan.seats })',
            'return planOf(request.params.user).then(({ name, seats }) => response.json({ plan: name.toUpperCase(), seats }))',
          ],
        ],
        fixed({ status: 200, body: { plan: 'PRO', seats: 3 } }),
      ),
      nonFix('the await is in another place', [['return rows[0]', 'return await rows[0]']], again()),
    ],
  },
  {
    program: 'not-awaited',
    sql: 'DROP TABLE IF EXISTS posts; CREATE TABLE posts (title text)',
    upstream: { 'POST /not-awaited': json({}, 503) },
    trigger: { request: 'POST /not-awaited', body: { title: 'Hello' } },
    failure: { error: 'Error: Announcements answered 503' },
    crashes: true,
    versions: [
      fix(
        'its rejection is handled',
        [['announce(request.body.title)', 'announce(request.body.title).catch(() => {})']],
        fixed({ status: 201, body: { title: 'Hello' } }),
      ),
      fix(
        'it is awaited, and may fail',
        [['  announce(request.body.title)', '  await announce(request.body.title).catch(() => {})']],
        fixed({ status: 201, body: { title: 'Hello' } }),
      ),
      nonFix(
        'it is awaited, and fails the answer',
        [['  announce(request.body.title)', '  await announce(request.body.title)']],
        otherwise({ status: 500 }),
      ),
      nonFix(
        'a listener for what nobody handles',
        [['const upstream', "process.on('unhandledRejection', () => {})\nconst upstream"]],
        again(),
      ),
      nonFix(
        'the write before it is skipped',
        [
          ["  await pool.query('INSERT INTO posts (title) VALUES ($1)', [request.body.title])\n", ''],
          ['announce(request.body.title)', 'announce(request.body.title).catch(() => {})'],
        ],
        {
          result: 'diverged',
          reason: 'missing',
          status: 201,
          orphans: ['INSERT INTO posts'],
          divergences: ['missing INSERT INTO posts'],
        },
      ),
    ],
  },
  {
    program: 'parallel-sum',
    upstream: {
      'GET /parallel-sum/a': json({ price: 1 }),
      'GET /parallel-sum/b': json({ price: 2 }),
      'GET /parallel-sum/c': json({ price: 3 }),
    },
    before: [{ args: [['a'], 1] }],
    trigger: { args: [['a', 'b', 'c'], 6] },
    failure: { error: 'Error: The total is wrong' },
    versions: [
      fix(
        'Promise.all to sequential',
        [
          [
            '  await Promise.all(\n    skus.map(async sku => {\n      sum = sum + (await priceOf(sku))\n    }),\n  )',
            '  for (const sku of skus) sum += await priceOf(sku)',
          ],
        ],
        fixed({ value: { sum: 6 } }),
      ),
      fix(
        'still parallel, added up at once',
        [['sum = sum + (await priceOf(sku))', 'const price = await priceOf(sku)\n      sum += price']],
        fixed({ value: { sum: 6 } }),
      ),
      fix(
        'sequential from the last to the first',
        [
          [
            '  await Promise.all(\n    skus.map(async sku => {\n      sum = sum + (await priceOf(sku))\n    }),\n  )',
            '  for (const sku of skus.toReversed()) sum += await priceOf(sku)',
          ],
        ],
        fixed({ value: { sum: 6 } }),
      ),
      nonFix('Promise.allSettled', [['Promise.all(', 'Promise.allSettled(']], again()),
      nonFix(
        'the check is left out for a text',
        [
          ['return { sum }', "return { sum: sum === expected ? sum : 'unknown' }"],
          ["  if (sum !== expected) throw new Error('The total is wrong')\n", ''],
        ],
        fixed({ value: { sum: 'unknown' }, warnings: ['another shape'] }),
      ),
    ],
  },
  {
    program: 'sequential',
    upstream: {
      'GET /sequential/x': json({ stars: 5 }),
      'GET /sequential/y': json({ stars: null }),
      'GET /sequential/z': json({ stars: 7 }),
    },
    trigger: { request: 'GET /sequential/x,y,z' },
    failure: { status: 500, error: "TypeError: Cannot read properties of null (reading 'toFixed')" },
    versions: [
      fix('null check', [['stars.toFixed()', "stars?.toFixed() ?? '-'"]], frontier('GET /sequential/z')),
      fix(
        'null check, and sequential to Promise.all',
        [
          ['stars.toFixed()', "stars?.toFixed() ?? '-'"],
          [
            "const stars = []\n  for (const name of request.params.names.split(',')) stars.push(await starsOf(name))",
            "const stars = await Promise.all(request.params.names.split(',').map(starsOf))",
          ],
        ],
        frontier('GET /sequential/z'),
      ),
      fix(
        'one that fails fails alone',
        [
          [
            "const stars = []\n  for (const name of request.params.names.split(',')) stars.push(await starsOf(name))",
            "const settled = await Promise.allSettled(request.params.names.split(',').map(starsOf))\n  const stars = settled.map(({ value }) => value ?? '-')",
          ],
        ],
        frontier('GET /sequential/z'),
      ),
      nonFix(
        'Promise.all alone',
        [
          [
            "const stars = []\n  for (const name of request.params.names.split(',')) stars.push(await starsOf(name))",
            "const stars = await Promise.all(request.params.names.split(',').map(starsOf))",
          ],
        ],
        againAfter('GET /sequential/z'),
      ),
    ],
  },
  {
    program: 'for-each',
    upstream: {
      'GET /for-each/1': json({ name: 'Ada', points: 3 }),
      'GET /for-each/2': json({ name: 'Ida', points: 5 }),
    },
    trigger: { request: 'GET /for-each/1,2' },
    failure: { status: 500, error: "TypeError: Cannot read properties of undefined (reading 'name')" },
    versions: [
      fix(
        'forEach to Promise.all',
        [
          [
            "request.params.ids.split(',').forEach(async id => {",
            "await Promise.all(request.params.ids.split(',').map(async id => {",
          ],
          ['.json())\n  })', '.json())\n  }))'],
        ],
        fixed({ status: 200, body: { winner: 'Ida' } }),
      ),
      fix(
        'forEach to a loop',
        [
          ["request.params.ids.split(',').forEach(async id => {", "for (const id of request.params.ids.split(',')) {"],
          ['.json())\n  })', '.json())\n  }'],
        ],
        fixed({ status: 200, body: { winner: 'Ida' } }),
      ),
      nonFix('an await for what is no promise', [['request.params.ids', 'await request.params.ids']], again()),
    ],
  },
  {
    program: 'reordered',
    sql: `DROP TABLE IF EXISTS bills; CREATE TABLE bills (id int, cents int, currency text); INSERT INTO bills VALUES (1, 500, 'chf')`,
    upstream: { 'GET /reordered/rates': json({ chf: { rate: 1.1 } }) },
    trigger: { request: 'GET /reordered/1' },
    failure: { status: 500, error: "TypeError: Cannot read properties of undefined (reading 'rate')" },
    versions: [
      fix(
        'the currency first',
        [
          ['  currency = rows[0].currency\n', ''],
          ['  const rates', '  currency = rows[0].currency\n  const rates'],
        ],
        fixed({ status: 200, body: { euros: 5.5 } }),
      ),
      fix(
        'the calls in another order',
        [
          [
            "  let currency\n  const { rows } = await pool.query('SELECT cents, currency FROM bills WHERE id = $1', [request.params.order])\n  const rates = await (await fetch(`${upstream}/reordered/rates`)).json()",
            "  const rates = await (await fetch(`${upstream}/reordered/rates`)).json()\n  const { rows } = await pool.query('SELECT cents, currency FROM bills WHERE id = $1', [request.params.order])\n  const { currency } = rows[0]",
          ],
          ['  currency = rows[0].currency\n', ''],
        ],
        fixed({ status: 200, body: { euros: 5.5 } }),
      ),
      fix(
        'both at once',
        [
          [
            "  let currency\n  const { rows } = await pool.query('SELECT cents, currency FROM bills WHERE id = $1', [request.params.order])\n  const rates = await (await fetch(`${upstream}/reordered/rates`)).json()",
            "  const [{ rows }, rates] = await Promise.all([\n    pool.query('SELECT cents, currency FROM bills WHERE id = $1', [request.params.order]),\n    fetch(`${upstream}/reordered/rates`).then(answer => answer.json()),\n  ])\n  const { currency } = rows[0]",
          ],
          ['  currency = rows[0].currency\n', ''],
        ],
        fixed({ status: 200, body: { euros: 5.5 } }),
      ),
      nonFix(
        'the calls in another order, the currency as late',
        [
          [
            "  const { rows } = await pool.query('SELECT cents, currency FROM bills WHERE id = $1', [request.params.order])\n  const rates = await (await fetch(`${upstream}/reordered/rates`)).json()",
            "  const rates = await (await fetch(`${upstream}/reordered/rates`)).json()\n  const { rows } = await pool.query('SELECT cents, currency FROM bills WHERE id = $1', [request.params.order])",
          ],
        ],
        again(),
      ),
    ],
  },
  {
    program: 'stampede',
    sql: 'DROP TABLE IF EXISTS forecasts; CREATE TABLE forecasts (city text PRIMARY KEY, degrees int)',
    upstream: {
      // The first waits for the second, which comes 30 ms after it.
      'GET /stampede/rome': (response, { nth }) => {
        if (nth === 1) stampede.push(response)
        for (const first of nth === 2 ? stampede : []) json({ degrees: 20 })(first)
        if (nth === 2) setTimeout(() => json({ degrees: 20 })(response), 30)
      },
    },
    trigger: { args: ['rome', 'rome'] },
    failure: { error: 'duplicate key value violates unique constraint' },
    versions: [
      fix(
        'one load for all who wait',
        [
          ['Promise.all([load(from), load(to)])', 'Promise.all([loadOnce(from), loadOnce(to)])'],
          [
            'async function compare',
            'const loading = new Map()\n\nfunction loadOnce(city) {\n  if (!loading.has(city)) loading.set(city, load(city))\n  return loading.get(city)\n}\n\nasync function compare',
          ],
        ],
        fixed({
          value: { warmer: 0 },
          ambiguous: 'any',
          orphans: ['SELECT FROM forecasts', 'GET /stampede/rome', 'INSERT INTO forecasts'],
        }),
      ),
    ],
  },
]
