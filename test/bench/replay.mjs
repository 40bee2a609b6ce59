// What a replay costs a test run, against an empty test and against stubs written by hand.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { timed } from './child.mjs'
import { commandOf, RUNNERS } from './project.mjs'
import { median, table } from './statistic.mjs'

/**
 * Runs every runner, mode and size in turns, `repeats` times, the last of them backwards.
 * @returns the table in Markdown
 */
export async function measureReplay(project, { repeats, modes, files }) {
  const sizesOf = mode => (files.includes(mode) ? ['one', 'many', 'files'] : ['one', 'many'])
  const cells = RUNNERS.flatMap(runner =>
    modes.flatMap(mode => sizesOf(mode).map(size => ({ runner, mode, size, runs: [] }))),
  )
  for (let turn = 0; turn < repeats; turn++) {
    for (const cell of turn % 2 === 0 ? cells : cells.toReversed()) {
      // Twenty isolated files average by themselves.
      if (cell.size !== 'files' || turn === 0) cell.runs.push(await runOf(project, cell))
    }
  }
  return report(project, cells, { repeats, modes, files })
}

async function runOf(project, { runner, mode, size }) {
  const env = { NODE_ENV: 'test', NO_COLOR: '1', CI: '1' }
  const run = await timed(commandOf(project, runner, mode, size), { cwd: project.folder, env })
  const expected = { one: 1, many: project.many, files: project.files }[size]
  const passed = Number(/Tests:?\s+(\d+) passed/.exec(run.output)?.[1])
  if (run.code !== 0 || passed !== expected) throw new Error(`${runner}, ${mode}, ${size} failed:\n${run.output}`)
  return run
}

function report({ many, files: count }, cells, { repeats, modes, files }) {
  const of = (runner, mode, size, key) => {
    const cell = cells.find(one => one.runner === runner && one.mode === mode && one.size === size)
    return median(cell.runs.map(run => run[key]))
  }
  const rows = RUNNERS.flatMap(runner =>
    modes.map(mode => {
      const seconds = (size, key) => (of(runner, mode, size, key) / 1000).toFixed(2)
      const each = (size, key, more) => (of(runner, mode, size, key) - of(runner, mode, 'one', key)) / more
      return [
        runner,
        mode,
        seconds('one', 'wallMs'),
        seconds('many', 'wallMs'),
        seconds('many', 'cpuMs'),
        each('many', 'wallMs', many - 1).toFixed(2),
        each('many', 'cpuMs', many - 1).toFixed(2),
        files.includes(mode) ? each('files', 'wallMs', count - 1).toFixed(0) : '',
      ]
    }),
  )
  const head = [
    'runner',
    'mode',
    '1 test, s',
    `${many} tests, s`,
    `${many} tests, CPU s`,
    'ms per test',
    'CPU ms per test',
  ]
  return [
    `One file with one or ${many} tests, medians of ${repeats} interleaved runs; per test is the difference by ${many - 1}.`,
    '',
    table([...head, `ms per further file, of ${count} in 1 run`], rows),
  ].join('\n')
}

/** @returns a table in Markdown of what one replay spends where */
export async function measureSteps({ folder }) {
  const profile = fileURLToPath(new URL('profile.mjs', import.meta.url))
  const run = await timed([profile, 'order.flux.json', join(folder, 'app.mjs'), '20'], { cwd: folder })
  if (run.code !== 0) throw new Error(run.output)
  const steps = JSON.parse(run.output)
  const rows = steps.map(({ name, first, median: usual, times }) => [name, first.toFixed(1), usual.toFixed(2), times])
  return table(['step', 'first', 'median', 'times'], rows)
}
