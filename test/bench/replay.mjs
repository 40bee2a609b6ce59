// What a replay costs a test run, side by side with stubs written by hand.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { start, timed } from './child.mjs'
import { commandOf, fileOf, RUNNERS } from './project.mjs'
import { bounds, median, table } from './statistic.mjs'

/** A replay and the stub it is measured against; the first pair decides. */
const PAIRS = [
  { stub: 'stub', replay: 'call' },
  { stub: 'http stub', replay: 'http' },
]
/** Milliseconds a replayed test may cost, and what a file of many may take against the stub's. */
const TARGETS = { marginalMs: 0.6, ratio: 1.15 }

/**
 * Runs stub and replay in turns: one test, many tests, and all of it backwards in every second round.
 * @param rounds how many interleaved pairs there are of each
 * @returns the tables in Markdown
 */
export async function measureReplay(project, { rounds, runners = RUNNERS }) {
  const cells = runners.flatMap(runner =>
    PAIRS.flatMap(pair =>
      [pair.stub, pair.replay].flatMap(mode => ['one', 'many'].map(size => ({ runner, mode, size, runs: [] }))),
    ),
  )
  for (let round = 0; round < rounds; round++) {
    for (const cell of round % 2 === 0 ? cells : cells.toReversed()) cell.runs.push(await runOf(project, cell))
  }
  return report(project, cells, rounds)
}

async function runOf(project, { runner, mode, size }) {
  const env = { NODE_ENV: 'test', NO_COLOR: '1', CI: '1' }
  const run = await timed(commandOf(project, runner, mode, size), { cwd: project.folder, env })
  const expected = { one: 1, many: project.many, files: project.files }[size]
  const passed = Number(/Tests:?\s+(\d+) passed/.exec(run.output)?.[1])
  if (run.code !== 0 || passed !== expected) throw new Error(`${runner}, ${mode}, ${size} failed:\n${run.output}`)
  return run
}

function report({ many }, cells, rounds) {
  const runners = [...new Set(cells.map(cell => cell.runner))]
  const seriesOf = (runner, mode, key) => {
    const runs = size => cells.find(cell => cell.runner === runner && cell.mode === mode && cell.size === size).runs
    const whole = size => runs(size).map(run => run[key])
    return {
      one: whole('one'),
      many: whole('many'),
      each: whole('many').map((all, at) => (all - whole('one')[at]) / (many - 1)),
    }
  }
  const compared = runners.flatMap(runner =>
    PAIRS.flatMap(({ stub, replay }) =>
      ['wallMs', 'cpuMs'].map(key => ({
        runner,
        replay,
        key,
        stub: seriesOf(runner, stub, key),
        flux: seriesOf(runner, replay, key),
      })),
    ),
  )
  const rows = compared.map(({ runner, replay, key, stub, flux }) => [
    runner,
    replay,
    key === 'wallMs' ? 'wall' : 'CPU',
    seconds(stub.one),
    seconds(flux.one),
    seconds(stub.many),
    seconds(flux.many),
    within(stub.each),
    judged(flux.each, TARGETS.marginalMs),
    judged(
      flux.many.map((all, at) => all / stub.many[at]),
      TARGETS.ratio,
    ),
  ])
  const head = ['runner', 'replay', '', 'stub, 1', 'flux, 1', `stub, ${many}`, `flux, ${many}`, 'stub, ms per test']
  return [
    `${rounds} interleaved pairs of each; medians, in brackets the bounds of the median; whole runs in seconds.`,
    'Per test is the difference between many and one. A target is missed once the lower bound is above it, met once the upper bound is not, else open.',
    '',
    table([...head, `flux, ms per test (≤ ${TARGETS.marginalMs})`, `flux / stub, ${many} (≤ ${TARGETS.ratio})`], rows),
  ].join('\n')
}

const seconds = values => (median(values) / 1000).toFixed(2)

function within(values) {
  const [low, high] = bounds(values)
  return `${median(values).toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`
}

function judged(values, target) {
  const [low, high] = bounds(values)
  const verdict = low > target ? 'missed' : high <= target ? 'met' : 'open'
  return `${within(values)} ${verdict}`
}

/**
 * The same without a runner: both sides of a pair are processes that take turns, a batch each, from the first execution on.
 * @param batches how many interleaved pairs of batches there are
 */
export async function measureBatches({ folder }, { batches, size }) {
  const rows = []
  for (const { stub, replay } of PAIRS) {
    const sides = []
    for (const mode of [stub, replay])
      sides.push({ mode, child: await start('batch-process.mjs', { args: [mode, folder] }), taken: [] })
    for (let batch = 0; batch < batches; batch++) {
      for (const { child, taken } of batch % 2 === 0 ? sides : sides.toReversed()) taken.push(await child.ask(size))
    }
    for (const { child } of sides) await child.stop()
    const [bare, flux] = sides.map(({ taken }) => taken)
    for (const [key, name] of [
      ['wallMs', 'wall'],
      ['cpuMs', 'CPU'],
    ]) {
      const mean = taken => (taken.reduce((sum, one) => sum + one[key], 0) / taken.length).toFixed(2)
      const of = taken => within(taken.map(one => one[key]))
      const ratios = flux.map((one, at) => one[key] / bare[at][key])
      rows.push([replay, name, mean(bare), mean(flux), of(bare), of(flux), within(ratios)])
    }
  }
  return [
    `Without a runner, two processes taking turns: ${batches} pairs of batches of ${size} from the first execution on, in ms per execution.`,
    '',
    table(['replay', '', 'stub, mean', 'flux, mean', 'stub, median', 'flux, median', 'flux / stub'], rows),
  ].join('\n')
}

/** What a further test file costs: the runner's own work for an isolated file, the imports, the fixture, one replay. */
export async function measureFiles(project, { rounds }) {
  const modes = ['empty', 'http stub', 'call', 'http']
  const cells = RUNNERS.flatMap(runner =>
    modes.flatMap(mode => ['one', 'files'].map(size => ({ runner, mode, size, runs: [] }))),
  )
  for (let round = 0; round < rounds; round++) {
    for (const cell of round % 2 === 0 ? cells : cells.toReversed()) cell.runs.push(await runOf(project, cell))
  }
  const of = (runner, mode, size, key) =>
    median(cells.find(one => one.runner === runner && one.mode === mode && one.size === size).runs.map(run => run[key]))
  const each = (runner, mode, key) =>
    ((of(runner, mode, 'files', key) - of(runner, mode, 'one', key)) / (project.files - 1)).toFixed(0)
  const rows = RUNNERS.flatMap(runner =>
    modes.map(mode => [runner, mode, each(runner, mode, 'wallMs'), each(runner, mode, 'cpuMs')]),
  )
  return table(['runner', 'mode', `ms per further file of ${project.files}`, 'CPU ms'], rows)
}

/** @returns a table in Markdown of what one replay spends where */
export async function measureSteps({ folder }) {
  const profile = fileURLToPath(new URL('profile.mjs', import.meta.url))
  const run = await timed([profile, fileOf('http'), join(folder, 'app.mjs'), '20'], { cwd: folder })
  if (run.code !== 0) throw new Error(run.output)
  const steps = JSON.parse(run.output)
  const rows = steps.map(({ name, first, median: usual, times }) => [name, first.toFixed(1), usual.toFixed(2), times])
  return table(['step', 'first', 'median', 'times'], rows)
}
