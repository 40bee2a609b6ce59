import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { printFixture, readFixture } from 'flux-fixtures'
import { afterEach, expect, test, vi } from 'vitest'
import { ASKED, Stall, TAILS } from './extend.example.ts'

// Each command replays in processes of its own.
vi.setConfig({ testTimeout: 180_000 })
let stall: Stall
afterEach(() => stall.remove())

test('extend borrows the same from a success that was captured later, and changes nothing the second time', async () => {
  stall = await Stall.captured(TAILS.price, ['bad'])
  await stall.pull()
  expect((await stall.extend()).code).toBe(1)
  stall.renewed = false
  await stall.serve(ASKED)
  const before = stall.fixtureText
  stall.fix()
  const dry = await stall.extend('--dry-run')
  expect(dry.out).toContain('dry run    test/flux/')
  expect(stall.fixtureText).toBe(before)
  const first = await stall.extend('--json')
  expect(first, first.err).toMatchObject({ code: 0 })
  const told = JSON.parse(first.out)
  expect(told).toMatchObject({ result: 'complete', written: true, store: true, more: false })
  expect(told.calls).toMatchObject([{ answer: 'borrowed', asked: { operation: 'request' } }])
  const after = stall.fixtureText
  expect(await stall.extend()).toMatchObject({ code: 0 })
  expect(stall.fixtureText).toBe(after)
  expect(readFixture(after, 'fixture').digest).toBe(readFixture(before, 'fixture').digest)
  expect((await stall.complete(200)).code).toBe(0)
  expect((await stall.project.flux('check')).code).toBe(0)
})

test('an answer after another write, or to other parameters, is only proposed, and its blank has no value of it', async () => {
  stall = await Stall.captured(TAILS.order, ['good', 'bad'])
  await stall.pull()
  stall.strip()
  stall.fix(TAILS.order.replace('{ sku, left }', "{ sku, left, note: 'gift' }"))
  const first = await stall.extend()
  expect(first.code, first.out + first.err).toBe(3)
  expect(first.out).toMatch(/GET \S+\/orders\/last .* borrowed from/)
  expect(first.out).toMatch(/POST \S+\/orders .* blank at test\/flux\/\S+\.flux\.json:\d+/)
  expect(first.out).toContain('/body/json/note  there (absent), asked "gift"')
  const blank = stall.effects.at(-1)
  expect(blank).toMatchObject({
    provenance: 'authored',
    unfilled: true,
    effect: { request: { method: 'POST', body: { json: { sku: 'mug', left: 2, note: 'gift' } } } },
    outcome: { value: { status: 200, headers: [['content-type', 'application/json']], body: { json: { id: 0 } } } },
  })
  expect(blank?.effect).not.toHaveProperty('detail')
  const line = Number(/:(\d+)$/m.exec(first.out)?.[1])
  expect(stall.fixtureText.split('\n')[line - 1]).toContain(`"index": ${blank?.index}`)

  const filled = stall.fixtureText
    .replace(/ +"unfilled": true,\n/, '')
    .replace(
      '"json": { "id": 0 } }\n        }\n      },\n      "issuedAt"',
      '"json": { "id": 77 } }\n        }\n      },\n      "issuedAt"',
    )
  stall.project.write({ [stall.fixtureFile]: filled })
  const second = await stall.extend()
  expect(second.code).toBe(3)
  expect(second.out).toContain('not borrowed: what was written before it differs')
  expect(stall.effects.map(({ unfilled }) => unfilled ?? false)).toEqual([false, false, false, true])
})

test('without a store there are blanks all the same; those no longer asked for go, filled ones stay', async () => {
  stall = await Stall.captured(TAILS.price, ['bad'])
  await stall.pull()
  rmSync(join(stall.project.dir, '.flux'), { recursive: true })
  stall.fix()
  const first = await stall.extend()
  expect(first, first.err).toMatchObject({ code: 3 })
  expect(first.out).toContain('There is no store here')
  expect(first.out).toContain('remove their "unfilled", and run `flux extend')
  expect(existsSync(join(stall.project.dir, '.flux'))).toBe(false)
  expect(stall.effects.at(-1)).toMatchObject({
    unfilled: true,
    outcome: { value: { status: 200, body: { json: {} } } },
  })
  const once = stall.fixtureText
  expect(await stall.extend()).toMatchObject({ code: 3 })
  expect(stall.fixtureText).toBe(once)
  // A blank answers nothing: the run still does not finish.
  const red = await stall.complete(200)
  expect(red.code).toBe(1)
  expect(red.err).toContain('is beyond the recording')

  stall.fix(TAILS.price.replace('/price?', '/v2/price?'))
  const moved = await stall.extend()
  expect(moved.out).toContain('removed    1 blank that the code no longer asks for')
  expect(stall.effects.map(({ effect }) => effect.target.replace(/.*\/\/[^/]*/, ''))).toEqual(['/stock', '/v2/price'])

  const filled = stall.fixtureText.replace(/ +"unfilled": true,\n/, '').replace('"json": {}', '"json": { "cents": 9 }')
  stall.project.write({ [stall.fixtureFile]: filled })
  const done = await stall.extend()
  expect(done, done.out + done.err).toMatchObject({ code: 0 })
  expect(stall.fixtureText).toBe(filled)
  expect((await stall.complete(200)).code).toBe(0)
  stall.fix()
  await stall.extend()
  expect(stall.effects.filter(({ unfilled }) => !unfilled)).toHaveLength(2)
})

test('a secret of this machine is not written, and said', async () => {
  stall = await Stall.captured(TAILS.price, ['bad'])
  await stall.pull()
  const secret = ['Zq7', 'pLw9', 'Xt2mNv'].join('-')
  const tail =
    "const price = await ask('/price', { sku, key: process.env.PRICE_KEY, api_key: 'x9f8e7d6c5b4a3' })\n response.end()"
  stall.fix(tail)
  const dir = stall.project.dir
  const run = (...options: string[]) =>
    stall.project.run(
      process.execPath,
      [join(dir, 'node_modules/fluxcli/bin/flux.js'), 'extend', stall.fixtureFile, ...options],
      {
        PRICE_KEY: secret,
      },
    )
  const said = await run()
  expect(said.code, said.err).toBe(3)
  expect(said.out).toMatch(
    /blank at .*, without \/body\/json\/\w+, \/body\/json\/\w+ \(a secret, or a value of this machine\)/,
  )
  expect(said.out + said.err + stall.fixtureText).not.toContain(secret)
  expect(stall.fixtureText).not.toContain('x9f8e7d6c5b4a3')
  expect(stall.effects.at(-1)?.effect.request).toMatchObject({ body: { json: { sku: 'mug' } } })
  stall.fix(tail.replace("'/price'", "'/price?token=' + process.env.PRICE_KEY"))
  const hidden = await run('--json')
  expect(hidden.code).toBe(3)
  expect(JSON.parse(hidden.out).calls).toMatchObject([{ answer: 'unwritten' }])
  expect(hidden.out + stall.fixtureText).not.toContain(secret)
  expect(stall.effects).toHaveLength(1)
})

test('what cannot be extended is refused in one line', async () => {
  stall = await Stall.captured(TAILS.price, ['bad'])
  await stall.pull()
  const still = await stall.extend()
  expect(still).toMatchObject({ code: 1, out: '' })
  expect(still.err).toContain('the code is not fixed yet')
  const json = await stall.extend('--json')
  expect(JSON.parse(json.out)).toMatchObject({ result: 'failed', written: false, verdict: { result: 'reproduced' } })
  expect(await stall.project.flux('extend', 'nowhere.flux.json')).toMatchObject({ code: 2 })
  expect(await stall.project.flux('extend')).toMatchObject({ code: 2 })
  expect((await stall.project.flux('extend', 'app.mjs')).err).toContain('is no fixture')
  const fixture = readFixture(stall.fixtureText, 'fixture')
  const { proof: _proof, ...unproven } = fixture
  stall.project.write({ 'test/flux/unproven.flux.json': printFixture(unproven) })
  const refused = await stall.project.flux('extend', 'test/flux/unproven.flux.json')
  expect(refused).toMatchObject({ code: 2 })
  expect(refused.err).toContain('no proof')
  const before = stall.fixtureText
  stall.code("await ask('/early').then(() => stock.items.length)")
  const early = await stall.extend()
  expect(early.code, early.out + early.err).toBe(3)
  stall.code('process.exit(3)')
  const other = await stall.extend()
  expect(other.code, other.out + other.err).toBe(1)
  expect(other.err).toContain('red for another reason')
  expect(stall.fixtureText).not.toBe(before)
})
