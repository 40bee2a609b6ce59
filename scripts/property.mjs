// Generated programs, recorded and replayed: `--programs 10000 --schedules 5` is the nightly run, `--seed 17.2` runs one again.
// Other options: --shards, --from, --without immediate,sleep, --tamper answers, --failures, --json, --times (with --seed).
import { spawn } from 'node:child_process'
import os from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const program = ['--import', 'tsx', 'test/property/run.ts']
const { values, tokens } = parseArgs({ strict: false, tokens: true })
const given = process.argv.slice(2)
const option = (name, otherwise) => {
  const token = tokens.find(candidate => candidate.kind === 'option' && candidate.name === name)
  return token ? (token.value ?? given[token.index + 1]) : otherwise
}

if ('seed' in values) {
  const child = spawn(process.execPath, [...program, ...given], { cwd: root, stdio: 'inherit' })
  child.on('close', code => process.exit(code ?? 1))
} else process.exit(await sharded())

async function sharded() {
  const programs = Number(option('programs', '300'))
  const from = Number(option('from', '0'))
  const count = Math.max(1, Math.min(programs, Number(option('shards', String(os.availableParallelism())))))
  const size = Math.ceil(programs / count)
  const runs = []
  for (let first = 0; first < programs; first += size) {
    runs.push(shard(['--from', String(from + first), '--programs', String(Math.min(size, programs - first))]))
  }
  const results = await Promise.all(runs)
  const total = merge(results)
  console.log('json' in values ? JSON.stringify(total) : readable(total))
  return total.failures === 0 && results.length > 0 ? 0 : 1
}

/** One process: its options come last and win. */
function shard(range) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...program, ...given, ...range, '--json'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', chunk => {
      output += chunk
    })
    child.on('close', code => {
      try {
        resolve(JSON.parse(output))
      } catch {
        reject(new Error(`programs ${range[1]} and on ended with ${code}:\n${output}`))
      }
    })
  })
}

function merge(results) {
  const total = { commit: results[0].commit, counts: {}, times: {}, slowestMs: 0, failures: 0, listed: [] }
  for (const { counts, times, slowestMs, failures, listed } of results) {
    for (const [name, value] of Object.entries(counts)) total.counts[name] = (total.counts[name] ?? 0) + value
    for (const [name, value] of Object.entries(times)) total.times[name] = (total.times[name] ?? 0) + value
    total.slowestMs = Math.max(total.slowestMs, slowestMs)
    total.failures += failures
    total.listed.push(...listed)
  }
  return total
}

function readable({ commit, counts, times, slowestMs, failures, listed }) {
  const rows = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1))
  const lines = rows.map(([name, value]) => `${name.padEnd(34)} ${value}`)
  for (const [name, value] of Object.entries(times)) lines.push(`${`${name}, ms in all processes`.padEnd(34)} ${value}`)
  lines.push(`${'slowest replay, ms'.padEnd(34)} ${slowestMs}`)
  for (const { seed, faults, again } of listed) {
    lines.push(`seed ${seed} at commit ${commit}: ${faults.join('; ').slice(0, 1000)}\n  ${again}`)
  }
  return [...lines, `${failures} failures at commit ${commit}`].join('\n')
}
