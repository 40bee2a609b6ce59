/** Deliberate faults of the engine are noticed by the tests: a few of them here, all of them by `npm run mutation`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkFault } from './mutation/check.ts'
import { type Copy, copyRepository } from './mutation/copy.ts'
import { faults } from './mutation/faults.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flux-mutation-'))
/** Noticed by a unit test, by a verdict, and by the recorder's test. */
const SLICE = [
  'gating: what is not first in the recorded order may come as well',
  'divergence: one that the program swallows is forgotten',
  'capture: parallel calls have one causal path',
]
let copy: Copy

beforeAll(async () => {
  copy = copyRepository(root, join(folder, 'copy'))
  await copy.build()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('every fault applies to one place of the engine as it is', () => {
  expect(faults.length).toBeGreaterThanOrEqual(60)
  expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length)
  const lost = faults.filter(({ file, before }) => readFileSync(join(root, file), 'utf8').split(before).length !== 2)
  expect(lost.map(({ name, file }) => `${name}: ${file}`)).toEqual([])
})

test.each(SLICE)('caught: %s', async name => {
  const fault = faults.find(candidate => candidate.name === name)
  expect(fault).toBeDefined()
  if (fault) expect(await checkFault(copy, fault)).toMatchObject({ caughtBy: expect.any(String) })
})

test('what changes nothing is caught by nothing', async () => {
  const [fault] = faults.filter(({ name }) => name === SLICE[0])
  const survivor = fault && (await checkFault(copy, { ...fault, after: fault.before }))
  expect(survivor).toMatchObject({ fault: SLICE[0] })
  expect(survivor).not.toHaveProperty('caughtBy')
  expect(survivor).not.toHaveProperty('error')
})
