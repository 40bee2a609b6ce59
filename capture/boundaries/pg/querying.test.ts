import { EventEmitter } from 'node:events'
import { boundaries, Execution, install, type Player, runtime } from 'flux-capture/internal'
import type { Entry } from 'flux-fixtures'
import pg from 'pg'
import { expect, test } from 'vitest'
import { Tape } from '../../../test/tape.ts'

const SERVICE = process.env.DATABASE_URL ?? ''
const DATABASE = new URL(SERVICE).pathname.slice(1)
const UNREACHABLE = 'postgres://postgres@127.0.0.1:1/test'
const LIMITS = { effects: 1000, instants: 1000, logs: 10, bytes: 1 << 26 }

const targets = (tape: readonly Entry[]) => tape.map(({ effect }) => effect.target)

async function during<T>(execution: Execution, body: () => Promise<T>): Promise<T> {
  const installation = install(
    undefined,
    boundaries.filter(({ name }) => name === 'pg'),
  )
  try {
    return await runtime.frames.run({ execution, path: '', children: 0, inside: false }, body)
  } finally {
    installation.uninstall()
  }
}

class Submittable extends EventEmitter {
  readonly text = 'select 1'
  readonly done: Promise<unknown>
  settle: (value: unknown) => void = () => {}
  constructor() {
    super()
    this.done = new Promise(resolve => {
      this.settle = resolve
    })
  }
  submit(connection: { query(text: string): void }): void {
    connection.query(this.text)
  }
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
  handleReadyForQuery(): void {
    this.settle('ready')
  }
  handleError(error: unknown): void {
    this.settle(error)
  }
}

test('a submittable of somebody else drops the recording and fails in a replay', async () => {
  const run = (url: string) => async () => {
    const client = new pg.Client(url)
    await client.connect()
    const done = await client.query(new Submittable() as never as pg.Submittable & Submittable).done
    await client.end()
    return done
  }
  const recorded = new Execution('recorded', { limits: LIMITS })
  expect(await during(recorded, run(SERVICE))).toBe('ready')
  expect(recorded.dropped).toBe('pg: Submittable is not supported')
  expect(recorded.pending).toBe(0)
  const player = new Tape([])
  expect(await during(new Execution('replayed', { player, limits: LIMITS }), run(UNREACHABLE))).toMatchObject({
    code: 'FLUX_DIVERGED',
  })
})

test('what a pool does with a fresh client is nobody’s', async () => {
  const ambient = new Execution('ambient', { limits: LIMITS })
  runtime.ambient = { execution: ambient, path: '', children: 0, inside: false }
  try {
    const execution = new Execution('recorded', { limits: LIMITS })
    await during(execution, async () => {
      const pool = new pg.Pool({ connectionString: SERVICE })
      pool.on('connect', client => void client.query('set search_path to public'))
      await pool.query('select 1')
      await pool.end()
    })
    expect(targets(execution.entries())).toEqual([`${DATABASE}: select ?`])
    expect(targets(ambient.entries())).toEqual([`${DATABASE}: set search_path to public`])
  } finally {
    runtime.ambient = undefined
  }
})

test('a blank answer has no rows and changes nothing', async () => {
  const player: Player = {
    reply: ({ blank }) => ({ answer: async () => ({ outcome: blank, end: Promise.resolve(), until: async () => {} }) }),
    read: () => 0,
    draw: () => 0,
    variable: (_, real) => real,
  }
  const given = await during(new Execution('probed', { player, limits: LIMITS }), async () => {
    const client = new pg.Client(UNREACHABLE)
    await client.connect()
    const results = [
      await client.query('select * from carts where id = $1', [1]),
      await client.query('begin'),
      await client.query('insert into orders default values'),
      await client.query('commit'),
      await client.query(''),
    ]
    await client.end()
    return results
  })
  expect(given.map(({ command, rowCount, rows }) => [command, rowCount, rows])).toEqual([
    ['SELECT', 0, []],
    ['BEGIN', null, []],
    ['INSERT', 0, []],
    ['COMMIT', null, []],
    [null, null, []],
  ])
})

test('a client connected outside of the replay sends nothing', async () => {
  const client = new pg.Client(SERVICE)
  await client.connect()
  try {
    const player = new Tape([])
    const error = await during(new Execution('replayed', { player, limits: LIMITS }), () => {
      new pg.Client(UNREACHABLE)
      return client.query('select 1').catch(failure => failure)
    })
    expect(error).toMatchObject({ code: 'FLUX_DIVERGED' })
  } finally {
    await client.end()
  }
})
