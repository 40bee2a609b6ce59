// What capturing costs a service: bare, bare again (the control) and captured, in turns.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { start } from './child.mjs'
import { openLoad } from './load.mjs'
import { PRELOAD } from './recording.mjs'
import { orderOf } from './schema.mjs'
import { median, quantile, spread, table } from './statistic.mjs'

const CONNECTIONS = 16
const SIDES = ['bare', 'control', 'captured']

/**
 * @param options `databaseUrl`; `folder` for the configuration and the store; `seconds` and least `rounds` to measure; `chunk` requests at a time
 * @returns the tables in Markdown
 */
export async function measureCapture({
  databaseUrl,
  folder,
  root,
  seconds,
  rounds: least,
  chunk,
  warm,
  starts,
  baseline,
}) {
  const store = join(folder, 'store')
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'flux.config.json')
  writeFileSync(config, JSON.stringify({ store, capture: { baseline } }))
  const quotes = await start('quotes.mjs')
  const env = { DATABASE_URL: databaseUrl, QUOTES_URL: `http://127.0.0.1:${quotes.port}`, FLUX_CONFIG: config }
  const startSide = side => start('server.mjs', { cwd: root, env, execArgv: side === 'captured' ? PRELOAD : [] })
  const startUp = await startUps(startSide, starts)
  const sides = {}
  for (const side of SIDES) {
    const server = await startSide(side)
    sides[side] = { server, load: await openLoad(server.port, CONNECTIONS), number: 0 }
  }
  try {
    for (const side of SIDES) await burden(sides[side], warm)
    const rounds = []
    const until = performance.now() + seconds * 1000
    while (performance.now() < until || rounds.length < least) rounds.push(await round(sides, chunk))
    const usage = {}
    for (const side of SIDES) usage[side] = await sides[side].server.usage()
    return report({ rounds, startUp, usage, chunk, requests: sides.bare.number })
  } finally {
    for (const side of SIDES) {
      sides[side].load.close()
      await sides[side].server.stop()
    }
    await quotes.stop()
  }
}

/** Bare, control, captured, captured, control, bare: what drifts evenly falls on all alike. */
async function round(sides, chunk) {
  const result = Object.fromEntries(SIDES.map(side => [side, []]))
  for (const side of [...SIDES, ...[...SIDES].reverse()]) result[side].push(await burden(sides[side], chunk))
  return Object.fromEntries(SIDES.map(side => [side, merged(result[side])]))
}

async function burden(side, count) {
  const before = await side.server.usage()
  const first = side.number
  side.number += count
  const { throughput, latencies } = await side.load.run(count, index => orderOf(first + index))
  const after = await side.server.usage()
  return { cpu: (after.cpu - before.cpu) / count, throughput, latencies }
}

function merged(chunks) {
  const latencies = chunks.flatMap(chunk => chunk.latencies).sort((a, b) => a - b)
  const mean = key => chunks.reduce((sum, chunk) => sum + chunk[key], 0) / chunks.length
  return {
    cpu: mean('cpu'),
    throughput: mean('throughput'),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  }
}

async function startUps(startSide, count) {
  const result = Object.fromEntries(SIDES.map(side => [side, []]))
  for (let turn = 0; turn < count; turn++) {
    for (const side of turn % 2 === 0 ? SIDES : [...SIDES].reverse()) {
      const server = await startSide(side)
      result[side].push(server.startUpMs)
      await server.stop()
    }
  }
  return result
}

function report({ rounds, startUp, usage, chunk, requests }) {
  const values = (side, key) => rounds.map(round => round[side][key])
  const ratios = (side, key, to = 'bare') => rounds.map(round => round[side][key] / round[to][key])
  const row = (title, key, digits, unit) => [
    title,
    `${median(values('bare', key)).toFixed(digits)} ${unit}`,
    `${median(values('captured', key)).toFixed(digits)} ${unit}`,
    spread(ratios('captured', key)),
    spread(ratios('captured', key, 'control')),
    spread(ratios('control', key)),
  ]
  const mb = side => usage[side].rss / 1024 ** 2
  const ms = side => median(startUp[side])
  const delta = (unit, of) => [
    `${of('bare').toFixed(0)} ${unit}`,
    `${of('captured').toFixed(0)} ${unit}`,
    `${signed(of('captured') - of('bare'))} ${unit}`,
    `${signed(of('captured') - of('control'))} ${unit}`,
    `${signed(of('control') - of('bare'))} ${unit}`,
  ]
  const { seen, kept, dropped, unattributed } = usage.captured.stats
  return [
    `${rounds.length} rounds of 2 × ${chunk} requests a side at ${CONNECTIONS} connections; medians (least–most) of the rounds' ratios.`,
    '',
    table(
      ['', 'bare', 'captured', 'captured / bare', 'captured / control', 'control / bare (A/A)'],
      [
        row('CPU per request', 'cpu', 0, 'µs'),
        row('throughput', 'throughput', 0, '/s'),
        row('p50', 'p50', 1, 'ms'),
        row('p99', 'p99', 1, 'ms'),
        [`RSS after ${requests} requests`, ...delta('MB', mb)],
        [`start-up, median of ${startUp.bare.length}`, ...delta('ms', ms)],
      ],
    ),
    '',
    `Captured executions: ${seen}, kept: ${kept}, not kept: ${JSON.stringify(dropped)}, unattributed calls: ${unattributed}.`,
  ].join('\n')
}

function signed(value) {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(0)}`
}
