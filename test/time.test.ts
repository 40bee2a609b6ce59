/**
 * Time in a replay: what a timer, an answer or a deadline won in production it wins again, every time.
 * All scenarios are recorded here, and a good part of them replayed in vitest's forks, with slices in threads and jest:
 * each has a test file, and so a process, of its own. `npm run test:full` replays all of them everywhere.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { captureScenarios, type Scenario } from './time/capture.mjs'
import { type Cell, runCell, wrongIn } from './time/cell.mjs'
import { type Expectation, writeProject } from './time/project.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const TURNS = 20
/** One of each kind, for the other pools and runners. */
const SLICE = [
  'tenSecondAnswer',
  'tenSecondHttpTimeout',
  'nearTiesWithFetch',
  'tenSecondHedge',
  'backoffScheduler',
  'intervalOfPromises',
  'signalMidBody',
  'piecesAndBeats',
  'everyClock',
  'tenSecondGrant',
  'debouncedSearch',
  'watchdogRefreshed',
  'axiosTimeoutFires',
  'bodiesInterleaved',
  'grantRunsOut',
  'dueTogether',
  'resetBeatsTimer',
  'cutBody',
  'classesOfNode',
  'classesOfFailures',
  'clocksOfLibraries',
  'clocksBesideLogs',
]
/** In forks, beside the slice: every race of 10 s, every near tie, every zone, every changed program. */
const isChosen = ({ name, file }: Scenario): boolean =>
  SLICE.includes(name) ||
  /^tenSecond|NearTie|^nearTie/.test(name) ||
  ['autumn', 'spring', 'year-end', 'changed', 'endless'].includes(file)
let folder: string
let scenarios: readonly Scenario[]
let expectations: ReadonlyMap<string, Expectation>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flux-time-'))
  scenarios = await captureScenarios({ folder: join(folder, 'production'), root })
  expectations = await writeProject(join(folder, 'project'), modules, scenarios, TURNS)
}, 120_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (cell: Omit<Cell, 'node' | 'modules' | 'loaded'>, names?: readonly string[]) =>
  runCell(join(folder, 'project'), { ...cell, node: process.execPath, modules, loaded: false }, expectations, names)

test('every scenario was recorded', () => {
  expect(scenarios.filter(({ missing }) => missing).map(({ name }) => name)).toEqual([])
  expect(scenarios.length).toBeGreaterThanOrEqual(130)
})

test('vitest, forks', { timeout: 300_000 }, async () => {
  const cell = await run(
    { title: 'forks', runner: 'vitest', pool: 'forks' },
    scenarios.filter(isChosen).map(({ name }) => name),
  )
  expect(wrongIn(cell)).toEqual([])
  expect(cell.reports.length).toBeGreaterThanOrEqual(60)
  expect(cell.reports.reduce((sum, { turns }) => sum + turns, 0)).toBe(cell.reports.length * TURNS)
})

test.each([
  { title: 'threads', runner: 'vitest', pool: 'threads' },
  { title: 'jest', runner: 'jest' },
] as const)('$title: one of each kind', { timeout: 120_000 }, async cell => {
  expect(wrongIn(await run(cell, SLICE))).toEqual([])
})
