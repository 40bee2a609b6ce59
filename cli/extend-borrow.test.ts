import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { newId, openDirectoryStore, timeOf } from 'flux-fixtures'
import pg from 'pg'
import { afterEach, expect, test, vi } from 'vitest'
import { Stall, TAILS } from './extend.example.ts'

// Each command replays in processes of its own.
vi.setConfig({ testTimeout: 180_000 })
let stall: Stall
afterEach(() => stall.remove())

test('pull borrows what a success of the same request proves, and the test finishes from the start', async () => {
  stall = await Stall.captured(TAILS.price, ['good', 'bad'])
  const said = await stall.pull()
  expect(said).toMatch(/^borrowed {3}1 answer beyond the failure, from the success [0-9a-z]{10}$/m)
  expect(stall.effects.map(({ provenance, effect }) => [provenance, effect.target.replace(/\d+/g, '')])).toEqual([
    [undefined, 'GET http://...:/stock'],
    ['borrowed', 'GET http://...:/price'],
  ])
  expect(await stall.pull()).toContain('unchanged  ')
  stall.fix()
  const green = await stall.complete(200)
  expect(green.code, green.out + green.err).toBe(0)
  const extended = await stall.extend()
  expect(extended, extended.err).toMatchObject({ code: 0 })
  expect(extended.out).toContain('the run ends')
})

test('what follows a write is borrowed only behind the same write', async () => {
  stall = await Stall.captured(TAILS.order, ['good', 'bad'])
  await stall.pull()
  // The read behind the write must not answer the one before it, so pull leaves it.
  expect(stall.effects.map(({ provenance, effect }) => [provenance, effect.target.replace(/.*\/\/[^/]*/, '')])).toEqual(
    [
      [undefined, '/stock'],
      ['borrowed', '/orders/last'],
      ['borrowed', '/orders'],
    ],
  )
  stall.fix()
  expect(await stall.extend()).toMatchObject({ code: 0 })
  expect(
    stall.effects.map(({ outcome }) => (outcome as { value: { body: { json: unknown } } }).value.body.json),
  ).toEqual([{ data: { items: [{ shelf: 'left' }, { shelf: 'right' }] } }, { id: 0 }, { id: 1 }, { id: 1 }])
  expect((await stall.complete(201)).code).toBe(0)
})

test('a transaction is borrowed whole, or not at all', async () => {
  const database = new pg.Client({ connectionString: process.env.DATABASE_URL })
  await database.connect()
  await database.query('CREATE TABLE IF NOT EXISTS flux_bookings (id serial, room text)')
  await database.end()
  stall = await Stall.captured(TAILS.booking, ['good', 'bad'])
  await stall.pull()
  expect(stall.effects).toHaveLength(1)
  stall.fix(TAILS.booking.replace('RETURNING id', 'RETURNING id, room'))
  const broken = await stall.extend()
  expect(broken.code, broken.out + broken.err).toBe(3)
  expect(stall.effects.map(({ provenance, unfilled }) => `${provenance} ${unfilled ?? ''}`)).toEqual([
    'undefined ',
    'authored ',
    'authored true',
  ])
  stall.strip()
  stall.fix()
  const whole = await stall.extend()
  expect(whole, whole.out + whole.err).toMatchObject({ code: 0 })
  expect(whole.out).toMatch(/query \S+: BEGIN .* borrowed from \w+, 3 calls/)
  expect(stall.effects.map(({ transaction }) => transaction ?? null)).toEqual([
    null,
    { id: 1 },
    { id: 1 },
    { id: 1, ends: 'commit' },
  ])
  expect((await stall.complete(201)).code).toBe(0)
})

test('calls beside one another get their blanks together, what depends on them does not', async () => {
  stall = await Stall.captured(TAILS.parallel, ['bad'])
  await stall.pull()
  stall.fix()
  const { code, out } = await stall.extend()
  expect(code, out).toBe(3)
  expect(stall.effects.map(({ effect }) => effect.target.replace(/.*\/\/[^/]*/, ''))).toEqual([
    '/stock',
    '/price',
    '/tax',
  ])
})

test('a hostile baseline reaches neither the terminal nor the fixture as it is', async () => {
  stall = await Stall.captured(TAILS.price, ['good', 'bad'])
  const store = openDirectoryStore(join(stall.project.dir, '.flux'))
  const [newest = ''] = await store.find('')
  const failure = await store.read(newest)
  const good = await store.read((await store.find(''))[1] ?? '')
  const evil = '\u001b[2J\n::error::gone ##vso[x] \u202e'
  const effects = good.effects.map(entry => {
    const { request } = entry.effect as { request: { url: string } }
    const url = entry.index === 1 ? `${request.url}&x=${evil}` : request.url
    return { ...entry, line: evil, effect: { ...entry.effect, request: { ...request, url } } }
  })
  const sanitized = [{ path: '/effects/__proto__/x', kind: evil, mode: 'exact' as const }]
  await store.write({ ...good, id: newId(timeOf(failure.id) + 1), effects, sanitized })
  await store.write({
    ...good,
    id: newId(timeOf(failure.id) + 2),
    effects: effects.map(one => ({ ...one, outcome: { status: 'pending' as const } })),
  })
  await rm(join(stall.project.dir, 'test'), { recursive: true, force: true })
  const listed = await stall.project.flux('pull', failure.id)
  expect(listed, listed.err).toMatchObject({ code: 0 })
  stall.strip()
  await store.write({ ...good, id: newId(timeOf(failure.id) + 3), effects, sanitized: [] })
  stall.fix(TAILS.price.replace("'/price?sku='", "'/price?q=1&sku='"))
  for (const options of [[], ['--json']]) {
    const { code, out, err } = await stall.extend(...options)
    expect(code, out + err).toBe(3)
    for (const sign of ['\u001b', '\u202e', '\n::error', '##vso']) expect(out + err).not.toContain(sign)
  }
  expect(stall.fixtureText).not.toContain('gone')
})
