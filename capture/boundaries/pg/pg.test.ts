import type { Entry } from 'flux-fixtures'
import pg from 'pg'
import { expect } from 'vitest'
import { type Scenario, testBoundary } from '../../../test/boundary.ts'

const SERVICE = process.env.DATABASE_URL ?? ''
const UNREACHABLE = 'postgres://postgres@127.0.0.1:1/test'

const DATABASE = new URL(SERVICE).pathname.slice(1)
/** The embedded Postgres is one session: its backend cannot be ended for one client. `test/services.ts` says so. */
const EMBEDDED = process.env.FLUX_EMBEDDED_POSTGRES === '1'

const caught = <T>(promise: Promise<T>) => promise.catch((error: unknown) => error)
const targets = (tape: readonly Entry[]) => tape.map(({ effect }) => effect.target)

/** A scenario with a connected client of its own. */
function withClient(
  name: string,
  entries: number,
  run: (client: pg.Client) => Promise<unknown>,
  more: Partial<Scenario<pg.Client>> & { readonly config?: pg.ClientConfig } = {},
): Scenario<pg.Client> {
  const { config, ...rest } = more
  return {
    name,
    entries,
    open: url => new pg.Client({ connectionString: url, ...config }),
    async run(client) {
      await client.connect()
      try {
        return await run(client)
      } finally {
        await client.end()
      }
    },
    ...rest,
  }
}

const scenarios: readonly Scenario[] = [
  withClient(
    'a value, with parameters and types',
    1,
    async client => {
      const values = [7, 'ü "q" \\', null, { a: [1] }, [1, 2, 3], Buffer.from([0, 255]), new Date(86_400_000), true]
      return client.query(
        `select $1::int as n, $2::text as t, $3::text as nothing, $4::jsonb as j, $5::int[] as list, $6::bytea as bytes,
        $7::timestamptz as at, $8::bool as yes, 12345678901234567890::numeric as big, '{a,"b c"}'::text[] as texts`,
        values,
      )
    },
    {
      check([entry]) {
        expect(entry?.effect).toMatchObject({
          target: `${DATABASE}: select $1::int as n`,
          operation: 'query',
          write: false,
          detail: { database: DATABASE },
        })
        const { values } = entry?.effect.request as { values: unknown[] }
        expect(values.slice(0, 5)).toEqual(['7', 'ü "q" \\', null, '{"a":[1]}', '{"1","2","3"}'])
        expect(Buffer.isBuffer(values[5])).toBe(true)
        expect(entry?.bytesSent).toBe(true)
      },
    },
  ),
  withClient('errors of the server', 5, async client => [
    await caught(client.query('select * from flux_nowhere')),
    await caught(client.query('insert into flux_orders (id, note) values ($1, $2)', [1, 'again'])),
    await caught(client.query('select 1/(3 - n) from generate_series(1, 3) n')),
    await caught(client.query("select 1; select 'two' as t; select 1/0")),
    await client.query('select 1 as usable'),
  ]),
  withClient(
    'no rows, no columns, no statement',
    5,
    async client => [
      await client.query('select id from flux_orders where false'),
      await client.query('select from flux_orders'),
      await client.query(''),
      await client.query('update flux_orders set note = null where false'),
      await client.query('insert into flux_orders (note) values ($1) returning id, note', ['new']),
    ],
    {
      check: tape => expect(tape.map(({ effect }) => effect.write)).toEqual([false, false, false, true, true]),
    },
  ),
  withClient('1000 rows', 2, async client => [
    await client.query("select n, 'row ' || n as label from generate_series(1, 1000) n"),
    await client.query({ text: 'select n, null as gap from generate_series(1, 1000) n', rowMode: 'array' }),
  ]),
  withClient('several statements in one query', 1, client =>
    client.query('select 1 as a; insert into flux_orders default values; select 2 as b'),
  ),
  {
    name: 'concurrent queries in a pool',
    entries: 8,
    open: url => new pg.Pool({ connectionString: url, max: 4 }),
    run: (pool: pg.Pool) =>
      Promise.all(
        [40, 30, 20, 10, 0, 35, 5, 15].map(
          async ms => (await pool.query('select $1::int as ms, pg_sleep($1 / 1000.0)', [ms])).rows,
        ),
      ),
    close: (pool: pg.Pool) => pool.end(),
  },
  withClient(
    'transactions',
    10,
    async client => {
      const given: unknown[] = []
      await client.query('BEGIN')
      given.push(await client.query("insert into flux_orders (note) values ('kept') returning id"))
      await client.query('COMMIT')
      await client.query('START TRANSACTION')
      given.push(await caught(client.query('insert into flux_orders (id) values (1)')))
      given.push(await caught(client.query('select 1')))
      given.push(await client.query('COMMIT'))
      await client.query('begin')
      await client.query('rollback')
      given.push(await client.query('select count(*)::int as n from flux_orders'))
      return given
    },
    {
      check(tape) {
        const ids = [...new Set(tape.map(({ transaction }) => transaction?.id))]
        expect(tape.map(({ transaction }) => transaction && [ids.indexOf(transaction.id), transaction.ends])).toEqual([
          [0, undefined],
          [0, undefined],
          [0, 'commit'],
          [1, undefined],
          [1, undefined],
          [1, undefined],
          [1, 'rollback'],
          [2, undefined],
          [2, 'rollback'],
          undefined,
        ])
        const values = tape.map(({ outcome }) =>
          'value' in outcome ? (outcome.value as { status: string }).status : '',
        )
        expect(values.join('')).toBe('TTITEEITII')
      },
    },
  ),
  withClient(
    'callbacks and events',
    4,
    client =>
      new Promise((resolve, reject) => {
        const seen: unknown[] = []
        client.on('notice', notice => seen.push({ ...notice, length: 0 }))
        client.query("do $$ begin raise notice 'hello %', 1; end $$", error => {
          if (error) return reject(error)
          client.query('select $1::text as inner', ['x'], (failure, result) => {
            seen.push(failure, result)
            const query = client.query(new pg.Query('select n from generate_series(1, 3) n'))
            query.on('error', reject)
            query.on('row', row => seen.push(row))
            query.on('end', () => {
              client.query('selec', wrong => resolve([...seen, wrong]))
            })
          })
        })
      }),
    {
      check: tape => expect(tape.map(({ path }) => path)).toEqual(['0', '0*2', '0*3', '0*4']),
    },
  ),
  withClient('named statements', 5, async client => [
    await client.query({ name: 'byId', text: 'select * from flux_orders where id = $1', values: [1] }),
    await client.query({ name: 'byId', text: 'select * from flux_orders where id = $1', values: [2] }),
    await caught(client.query({ name: 'wrong', text: 'select * from flux_nowhere where id = $1', values: [1] })),
    await caught(client.query({ name: 'wrong', text: 'select * from flux_nowhere where id = $1', values: [1] })),
    await caught(client.query({ name: 'byId', text: 'select 1' })),
  ]),
  withClient('pages of rows', 2, async client => [
    await client.query({ text: 'select n from generate_series(1, 7) n', rows: 3 } as pg.QueryConfig),
    await client.query('select 1 as usable'),
  ]),
  withClient('what fails before it is sent', 1, async client => [
    await caught(
      client.query('select $1::text', [
        {
          toPostgres() {
            throw new RangeError('no')
          },
        },
      ]),
    ),
    await caught(client.query({ text: 'select $1::text', values: 'no array' } as never)),
    await client.query('select 1 as usable'),
  ]),
  {
    name: 'a pool of one under five executions',
    executions: 5,
    entries: 4,
    open: url => new pg.Pool({ connectionString: url, max: 1 }),
    async run(pool: pg.Pool, execution: number) {
      const first = await pool.query('select $1::int as n', [execution])
      const second = new Promise((resolve, reject) => {
        pool.query('select $1::text as t', [`callback ${execution}`], (error, result) => {
          if (error) return reject(error)
          pool.query('select $1::text as t', [`nested ${execution}`], (failure, nested) =>
            failure ? reject(failure) : resolve([result, nested]),
          )
        })
      })
      const client = await pool.connect()
      const third = await client.query('select $1::int + 1000 as n', [execution]).finally(() => client.release())
      return [first, await second, third]
    },
    close: (pool: pg.Pool) => pool.end(),
    check(tape: readonly Entry[], execution: number) {
      for (const { effect } of tape) {
        expect(JSON.stringify((effect.request as { values: unknown }).values)).toContain(String(execution))
      }
      expect(new Set(tape.map(({ path }) => path)).size).toBe(tape.length)
    },
  },
  {
    name: 'a connection that is refused',
    entries: 1,
    open: () => new pg.Client(UNREACHABLE),
    // Node makes it from an internal class that calls itself Error; only its prototype tells.
    run: (client: pg.Client) => client.connect().catch(error => [error.constructor.name, error.message, { ...error }]),
    check: (tape: readonly Entry[]) => expect(targets(tape)).toEqual(['test: connect']),
  },
  {
    name: 'a database that is not there',
    entries: 1,
    open: url => new pg.Pool({ connectionString: url.replace(/test$/, 'flux_absent') }),
    run: (pool: pg.Pool) => caught(pool.query('select 1')),
    close: (pool: pg.Pool) => pool.end(),
  },
  withClient(
    'a connection that breaks',
    2,
    async client => {
      const lost = new Promise(resolve => client.once('error', resolve))
      const first = await client.query('select pg_terminate_backend(pg_backend_pid())').catch(async error => {
        if (error.code === 'FLUX_DIVERGED') throw error
        return [error, await lost]
      })
      return [first, await caught(client.query('select 1'))]
    },
    { entries: 1 },
  ),
]

testBoundary({
  boundary: 'pg',
  unreachable: UNREACHABLE,
  targets: [pg.Client.prototype, Object.getPrototypeOf(pg.Pool.prototype), pg.Query.prototype],
  scenarios: scenarios.filter(({ name }) => !(EMBEDDED && name === 'a connection that breaks')),
  async start() {
    const admin = new pg.Client(SERVICE)
    await admin.connect()
    await admin.query('drop table if exists flux_orders; create table flux_orders (id serial primary key, note text)')
    return {
      url: SERVICE,
      // The table stays: its object id is part of every result.
      reset: () =>
        admin.query(`
          truncate flux_orders restart identity;
          insert into flux_orders (note) values ('one'), (null);
          deallocate all`),
      async stop() {
        await admin.query('drop table if exists flux_orders')
        await admin.end()
      },
    }
  },
})
