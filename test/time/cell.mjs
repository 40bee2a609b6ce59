// One cell of the table: the scenarios in one runner on one version of Node.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LIMITS } from './table.mjs'

const BUSY = ['-e', 'for (;;);']

/**
 * Runs a cell to its end.
 * @param cell `runner` and, for vitest, `pool`; `node` to run it with; `modules` where the runner is; `loaded` keeps one core busy
 * @param names the scenarios; all when absent
 * @returns one report per test of `verify`, those that never reported as `missing: true`, and what the runner printed
 */
export async function runCell(folder, cell, expectations, names = [...expectations.keys()]) {
  const results = join(folder, 'results', cell.title.replaceAll(/[^\w.]+/g, '-'))
  rmSync(results, { recursive: true, force: true })
  mkdirSync(results, { recursive: true })
  writeFileSync(join(folder, 'cell.txt'), results)
  const busy = cell.loaded && spawn(process.execPath, BUSY, { stdio: 'ignore' })
  const startedAt = performance.now()
  let code = 0
  let output = ''
  for (const { zone, only } of invocationsOf(cell, expectations, names)) {
    const finished = await runner(folder, argumentsOf(cell, only), cell.node, zone)
    code ||= finished.code
    output += finished.output
  }
  if (busy) busy.kill('SIGKILL')
  const reports = names.flatMap(name => reportsOf(results, name))
  return { ...cell, reports, code, output, seconds: (performance.now() - startedAt) / 1000 }
}

/** A worker thread cannot change its zone: there each zone has a run of its own, as it would have in the CI of its users. */
function invocationsOf({ pool }, expectations, names) {
  const all = names.length === expectations.size
  if (pool !== 'threads') return [{ zone: 'UTC', only: all ? [] : names }]
  const zones = [...new Set(names.map(name => expectations.get(name).zone))]
  return zones.map(zone => ({ zone, only: names.filter(name => expectations.get(name).zone === zone) }))
}

async function runner(cwd, args, node, zone) {
  const child = spawn(node, args, { cwd, env: environment(zone), stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', chunk => {
      output += chunk
    })
  }
  const [code] = await once(child, 'close')
  return { code, output }
}

function argumentsOf({ runner, pool, modules }, names) {
  if (runner === 'jest') {
    const only = names.length > 0 ? [`tests/(${names.join('|')})\\.test`] : []
    return [join(modules, 'jest/bin/jest.js'), '--config', 'jest.config.json', ...only]
  }
  const only = names.map(name => `tests/${name}.test.mjs`)
  return [join(modules, 'vitest/vitest.mjs'), 'run', `--pool=${pool}`, ...only]
}

/** A runner started by a runner must not take itself for its worker. */
function environment(zone) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|JEST|VITE_|NODE_ENV$|TEST$|TZ$)/.test(name),
  )
  return { ...Object.fromEntries(inherited), NO_COLOR: '1', CI: '1', TZ: zone }
}

function reportsOf(results, name) {
  const files = [name, `${name}, changed`].map(one => join(results, `${one}.json`)).filter(file => existsSync(file))
  if (files.length === 0) return [{ name, missing: true, misses: [], turns: 0 }]
  return files.map(file => JSON.parse(readFileSync(file, 'utf8')))
}

/** What is wrong in a cell, one line each; known limits are not. */
export function wrongIn({ reports, code, output }) {
  const lines = reports.flatMap(({ name, missing, misses, turns, slow, median }) => {
    if (name in LIMITS && !missing) return []
    if (missing) return [`${name}: no report`]
    if (misses.length > 0) return [`${name}: ${misses.length} of ${turns} not as recorded: ${shown(misses[0])}`]
    return slow ? [`${name}: a replay costs ${median.toFixed(1)} ms`] : []
  })
  const explained = lines.length > 0 || limitsIn({ reports }).length > 0
  return code !== 0 && !explained ? [`the runner ended with ${code}: ${output.slice(-2000)}`] : lines
}

/** Which known limits showed in a cell, one line each. */
export function limitsIn({ reports }) {
  return reports.flatMap(({ name, misses }) =>
    name in LIMITS && misses.length > 0 ? [`${name}: ${LIMITS[name]}`] : [],
  )
}

function shown({ expected, seen }) {
  const short = value => JSON.stringify(value)?.slice(0, 400)
  const { result, reason, value, error, leaks, performed, divergences } = seen
  if (result !== expected.result || leaks.length + performed.length > 0) {
    const more = [reason, error, ...leaks, ...performed, ...divergences.slice(0, 1)].filter(one => one !== undefined)
    return `${expected.result} expected, ${result} ${more.map(short).join(' ')}`
  }
  return `expected ${short(expected.value)} received ${short(value)}`
}
