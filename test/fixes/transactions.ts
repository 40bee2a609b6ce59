/** Bugs in transactions: their order, their end, and what to do when they fail. */
import {
  again,
  againAfter,
  answer,
  type Bug,
  type Edit,
  fix,
  fixed,
  frontier,
  nonFix,
  otherwise,
  replaced,
} from './bug.ts'

const TRIP_FIRST: readonly Edit[] = [
  ['    for (const stop', "    await client.query('INSERT INTO trips (id) VALUES ($1)', [trip])\n    for (const stop"],
  ["[trip, stop])\n    await client.query('INSERT INTO trips (id) VALUES ($1)', [trip])", '[trip, stop])'],
]

export const transactions: readonly Bug[] = [
  {
    program: 'rollback',
    sql: 'DROP TABLE IF EXISTS claims; CREATE TABLE claims (id int PRIMARY KEY, parts int)',
    before: [{ request: 'POST /rollback', body: { claim: 1, parts: [{ price: { cents: 5 } }] } }],
    trigger: { request: 'POST /rollback', body: { claim: 2, parts: [{ price: { cents: 5 } }, {}] } },
    failure: { status: 500, error: "TypeError: Cannot read properties of undefined (reading 'cents')" },
    versions: [
      fix('the rollback is no longer reached', [['part.price.cents', 'part.price?.cents ?? 0']], frontier('COMMIT')),
      fix(
        'and the commit is authored',
        [['part.price.cents', 'part.price?.cents ?? 0']],
        fixed({ status: 201, body: { claim: 2, cents: [5, 0] } }),
        { authored: [answer('COMMIT', 'COMMIT')] },
      ),
      fix(
        'it is refused before the transaction',
        [
          [
            '  const client =',
            '  if (parts.some(part => !part.price)) return response.status(422).end()\n  const client =',
          ],
        ],
        fixed({ status: 422, orphans: ['BEGIN', 'INSERT INTO claims'], warnings: ['A success answered 201'] }),
      ),
      nonFix(
        'a catch that rolls back and answers 200',
        [
          [
            "    await client.query('ROLLBACK')\n    throw error",
            "    await client.query('ROLLBACK')\n    response.json({ claim, cents: [] })",
          ],
        ],
        fixed({ status: 200, warnings: ['this run answered 200', 'rolled back again'] }),
      ),
      nonFix(
        'a catch that rolls back and answers as a success does',
        [
          [
            "    await client.query('ROLLBACK')\n    throw error",
            "    await client.query('ROLLBACK')\n    response.status(201).json({ claim, cents: [0] })",
          ],
        ],
        fixed({ status: 201, warnings: ['rolled back again'] }),
      ),
      nonFix(
        'a catch that rolls back and answers 503',
        [
          [
            "    await client.query('ROLLBACK')\n    throw error",
            "    await client.query('ROLLBACK')\n    response.status(503).end()",
          ],
        ],
        otherwise({ status: 503 }),
      ),
    ],
  },
  {
    program: 'serialization',
    sql: `DROP SEQUENCE IF EXISTS attempts; CREATE SEQUENCE attempts;
      CREATE OR REPLACE FUNCTION reserve_item(item text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('attempts') = 2 THEN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END IF;
        RETURN 4; END $$`,
    before: [{ args: ['lamp'] }],
    trigger: { args: ['lamp'] },
    failure: { error: 'could not serialize access' },
    versions: [
      fix(
        'the transaction is run once more',
        [
          [
            'await reserve(item) }',
            "await reserve(item).catch(error => (error.code === '40001' ? reserve(item) : Promise.reject(error))) }",
          ],
        ],
        frontier('BEGIN ISOLATION LEVEL SERIALIZABLE'),
      ),
      nonFix(
        'it is run once more after a deadlock only',
        [
          [
            'await reserve(item) }',
            "await reserve(item).catch(error => (error.code === '40P01' ? reserve(item) : Promise.reject(error))) }",
          ],
        ],
        again(),
      ),
      nonFix(
        'a catch that returns null',
        [['await reserve(item) }', 'await reserve(item).catch(() => null) }']],
        fixed({ value: { item: 'lamp', left: null }, warnings: ['another shape', 'rolled back again'] }),
      ),
    ],
  },
  {
    program: 'write-order',
    sql: `DROP TABLE IF EXISTS legs, trips; CREATE TABLE trips (id int PRIMARY KEY);
      CREATE TABLE legs (trip int REFERENCES trips, stop text)`,
    before: [{ request: 'POST /write-order', body: { trip: 0, stops: [] } }],
    trigger: { request: 'POST /write-order', body: { trip: 1, stops: ['Bern', 'Thun'] } },
    failure: { status: 500, error: 'violates foreign key constraint' },
    versions: [
      // Answered blank, the first insert changes nothing: the second is asked as it was, and fails as it did.
      fix('the trip first, its legs as before: no tape can tell', TRIP_FIRST, againAfter('INSERT INTO trips')),
      // What a person wrote answers in place of the insert that failed, once.
      fix(
        'the trip first, its legs as before, all of it authored',
        TRIP_FIRST,
        fixed({ status: 201, body: { trip: 1, stops: 2 } }),
        {
          authored: [
            answer('INSERT INTO trips', 'INSERT 0 1'),
            answer('INSERT INTO legs', 'INSERT 0 1'),
            answer('INSERT INTO legs', 'INSERT 0 1'),
            answer('COMMIT', 'COMMIT'),
          ],
        },
      ),
      fix(
        'the trip first, then all legs at once',
        [
          [
            "for (const stop of stops) await client.query('INSERT INTO legs (trip, stop) VALUES ($1, $2)', [trip, stop])\n    await client.query('INSERT INTO trips (id) VALUES ($1)', [trip])",
            "await client.query('INSERT INTO trips (id) VALUES ($1)', [trip])\n    await client.query('INSERT INTO legs SELECT $1, unnest($2::text[])', [trip, stops])",
          ],
        ],
        replaced('INSERT INTO trips', 'INSERT INTO legs'),
      ),
      nonFix(
        'an unrecorded write above the failing one',
        [
          [
            '    for (const stop',
            "    await client.query('INSERT INTO trips_log (id) VALUES ($1)', [trip])\n    for (const stop",
          ],
        ],
        againAfter('INSERT INTO trips_log'),
      ),
    ],
  },
  {
    program: 'commit',
    sql: 'DROP TABLE IF EXISTS vaults; CREATE TABLE vaults (id serial, owner text)',
    trigger: { args: ['Ida'] },
    failure: { error: "TypeError: Cannot read properties of undefined (reading 'id')" },
    versions: [
      // Answered blank, the commit shows nothing to the query after it.
      fix(
        'the missing COMMIT, unproven',
        [['[owner])\n  })', "[owner])\n    await client.query('COMMIT')\n  })"]],
        againAfter('COMMIT'),
      ),
      fix(
        'no second look',
        [
          ['  await withClient(async client => {', '  let id\n  await withClient(async client => {'],
          [
            "    await client.query('INSERT INTO vaults (owner) VALUES ($1)', [owner])\n  })",
            "    await client.query('INSERT INTO vaults (owner) VALUES ($1)', [owner])\n    id = (await client.query(\"SELECT currval('vaults_id_seq') AS id\")).rows[0]?.id\n    await client.query('COMMIT')\n  })",
          ],
          [
            "  const { rows } = await withClient(client => client.query('SELECT id FROM vaults WHERE owner = $1', [owner]))\n",
            '',
          ],
          ['vault: rows[0].id', 'vault: id'],
        ],
        { result: 'reached-frontier', beyond: ['SELECT currval(?) AS id'], orphans: ['SELECT FROM vaults'] },
      ),
    ],
  },
]
