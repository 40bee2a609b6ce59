/** Bugs in single queries: their text, their parameters, how many there are. */
import { again, againAfter, answer, type Bug, type Edit, fix, fixed, nonFix, otherwise, replaced } from './bug.ts'

const GUARD: Edit = [
  '  await pool',
  "  const { rows } = await pool.query('SELECT event FROM deliveries WHERE event = $1', [event])\n  if (rows.length > 0) return response.status(201).json({ booked: 0 })\n  await pool",
]
const JOINED: Edit = [
  "  const seats = []\n  for (const id of request.params.ids.split(',')) {\n    const { rows } = await pool.query('SELECT row FROM seats WHERE id = $1', [id])\n    seats.push(rows[0].row.toUpperCase())\n  }",
  "  const { rows } = await pool.query('SELECT row FROM seats WHERE id = ANY($1)', [request.params.ids.split(',')])\n  const seats = rows.map(({ row }) => row?.toUpperCase() ?? '-')",
]

export const queries: readonly Bug[] = [
  {
    program: 'sql-text',
    sql: `DROP TABLE IF EXISTS cars; CREATE TABLE cars (id int, plate text); INSERT INTO cars VALUES (1, 'ZH 1')`,
    trigger: { request: 'GET /sql-text/1' },
    failure: { status: 500, error: 'column "plate_number" does not exist' },
    versions: [
      fix('the column as it is called', [['plate_number', 'plate']], replaced('SELECT FROM cars')),
      fix(
        'it is found by another query',
        [
          [
            'SELECT id, plate_number FROM cars WHERE id = $1',
            'SELECT * FROM cars JOIN plates USING (id) WHERE id = $1',
          ],
        ],
        { result: 'reached-frontier', orphans: ['SELECT FROM cars'], beyond: ['SELECT FROM cars, plates'] },
      ),
      nonFix(
        'a catch for another code',
        [
          [
            '[request.params.id])',
            "[request.params.id]).catch(error => {\n    if (error.code === '42P01') return { rows: [{}] }\n    throw error\n  })",
          ],
        ],
        again(),
      ),
    ],
  },
  {
    program: 'swapped',
    sql: `DROP TABLE IF EXISTS bikes; CREATE TABLE bikes (id int, owner text); INSERT INTO bikes VALUES (7, 'Ida')`,
    trigger: { request: 'PUT /swapped/7', body: { owner: 'Ann' } },
    failure: { status: 500, error: 'invalid input syntax for type integer: "Ann"' },
    versions: [
      fix(
        'the parameters in their order',
        [['[request.params.id, request.body.owner]', '[request.body.owner, request.params.id]']],
        replaced('UPDATE bikes'),
      ),
      nonFix(
        'the failing write is skipped where it fails, and another call diverges',
        [['[request.params.id])', '[Number(request.params.id) + 1])']],
        {
          result: 'diverged',
          beyond: ['SELECT FROM bikes'],
          orphans: ['SELECT FROM bikes', 'UPDATE bikes'],
          divergences: ['changed SELECT FROM bikes /values/0'],
        },
      ),
    ],
  },
  {
    program: 'not-found',
    sql: `DROP TABLE IF EXISTS tickets; CREATE TABLE tickets (id int, seat text); INSERT INTO tickets VALUES (1, 'A1')`,
    before: [{ request: 'GET /not-found/1' }],
    trigger: { request: 'GET /not-found/2' },
    failure: { status: 500, error: "TypeError: Cannot read properties of undefined (reading 'id')" },
    versions: [
      fix(
        'what is not there is not found',
        [
          ['  return { id', '  if (rows.length === 0) return undefined\n  return { id'],
          ['  response.json', '  if (!ticket) return response.status(404).end()\n  response.json'],
        ],
        fixed({ status: 404, warnings: ['A success answered 200 in production; this run answered 404.'] }),
      ),
      nonFix(
        'asked once more',
        [
          [
            'await ticketOf(request.params.id)',
            'await ticketOf(request.params.id).catch(() => ticketOf(request.params.id))',
          ],
        ],
        againAfter('SELECT FROM tickets'),
      ),
      nonFix(
        'a loop of three attempts',
        [
          [
            '  const { rows }',
            '  const rows = []\n  for (let attempt = 0; attempt < 2 && rows.length === 0; attempt++) rows.push(...(await found(id)))\n  return { id: rows[0].id, seat: rows[0].seat }\n}\n\nasync function found(id) {\n  const { rows }',
          ],
          ['  return { id: rows[0].id, seat: rows[0].seat }\n}\n\napp', '  return rows\n}\n\napp'],
        ],
        againAfter('SELECT FROM tickets'),
      ),
      nonFix(
        'a null in place of a ticket',
        [['  return { id', '  if (rows.length === 0) return null\n  return { id']],
        fixed({ status: 200, body: null, warnings: ['another shape than a success had'] }),
      ),
      nonFix(
        'an error by another name',
        [['  return { id', "  if (rows.length === 0) throw new RangeError('No ticket')\n  return { id"]],
        otherwise({ status: 500, error: 'RangeError: No ticket' }),
      ),
    ],
  },
  {
    program: 'duplicate',
    sql: 'DROP TABLE IF EXISTS readers; CREATE TABLE readers (mail text PRIMARY KEY, name text)',
    before: [{ request: 'POST /duplicate', body: { mail: 'a', name: 'Ada' } }],
    trigger: { request: 'POST /duplicate', body: { mail: 'a', name: 'Ada L.' } },
    failure: { status: 500, error: 'duplicate key value violates unique constraint' },
    versions: [
      fix(
        'an upsert',
        [['VALUES ($1, $2)', 'VALUES ($1, $2) ON CONFLICT (mail) DO UPDATE SET name = $2']],
        replaced('INSERT INTO readers'),
      ),
      fix(
        'the right code is caught',
        [["'23503'", "'23505'"]],
        fixed({
          status: 409,
          body: { error: 'Known' },
          warnings: [
            'A success answered 201 in production; this run answered 409.',
            'The write that failed was answered with its failure again',
          ],
        }),
      ),
      nonFix('another wrong code is caught', [["'23503'", "'23514'"]], again()),
    ],
  },
  {
    program: 'webhook',
    sql: 'DROP TABLE IF EXISTS deliveries; CREATE TABLE deliveries (event text PRIMARY KEY, cents int)',
    before: [{ request: 'POST /webhook', body: { event: 'e1', cents: 5 } }],
    trigger: { request: 'POST /webhook', body: { event: 'e1', cents: 5 } },
    failure: { status: 500, error: 'duplicate key value violates unique constraint' },
    versions: [
      fix(
        'it may come twice',
        [['VALUES ($1, $2)', 'VALUES ($1, $2) ON CONFLICT DO NOTHING']],
        replaced('INSERT INTO deliveries'),
      ),
      // Answered blank, the guard finds nothing, and the insert fails as it did.
      fix('a guard before it, unproven', [GUARD], againAfter('SELECT FROM deliveries')),
      fix(
        'a guard before it, its answer authored',
        [GUARD],
        fixed({ status: 201, body: { booked: 0 }, orphans: ['INSERT INTO deliveries'] }),
        { authored: [answer('SELECT FROM deliveries', 'SELECT 1', ['event'], ['e1'])] },
      ),
    ],
  },
  {
    program: 'batch-join',
    sql: `DROP TABLE IF EXISTS seats; CREATE TABLE seats (id int, row text); INSERT INTO seats VALUES (1, 'a'), (2, 'b'), (3, NULL)`,
    before: [{ request: 'GET /batch-join/1,2' }],
    trigger: { request: 'GET /batch-join/1,3' },
    failure: { status: 500, error: "TypeError: Cannot read properties of null (reading 'toUpperCase')" },
    versions: [
      fix(
        'null check',
        [['.row.toUpperCase()', ".row?.toUpperCase() ?? '-'"]],
        fixed({ status: 200, body: { seats: ['A', '-'] } }),
      ),
      // The first of its queries is required, and no longer asked: nothing on the tape answers for all at once.
      fix('one query for all, after the first was answered', [JOINED], {
        result: 'diverged',
        beyond: ['SELECT FROM seats'],
        orphans: ['SELECT FROM seats', 'SELECT FROM seats'],
        divergences: ['changed SELECT FROM seats /text /values/0'],
      }),
    ],
  },
]
