// Prints what capturing costs a service and what a replay costs a test run, as Markdown; see BENCHMARKS.md.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    only: { type: 'string', default: 'capture,replay' },
    tests: { type: 'string' },
    pairs: { type: 'string' },
    runner: { type: 'string' },
    seconds: { type: 'string' },
    baseline: { type: 'string', default: '0' },
    'no-setup': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (flags.help) {
  console.log(`npm run bench -- [flags]
  --quick            a rough answer in 20 s
  --only <parts>     capture, replay, or both (the default: capture,replay)
  --seconds <n>      how long the captured service is loaded (12)
  --baseline <share> capture.baseline while it is (0: everything is recorded, only failures are kept)
  --tests <n>        tests in a file of many (1000)
  --pairs <n>        interleaved pairs of test runs (7; 0: none)
  --runner <name>    vitest or jest alone
  --profile          where the time of one replay goes, instead of the table
  --no-setup         measure the packages as they are built`)
  process.exit(0)
}
if (!flags['no-setup']) {
  const { status } = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
// Only now: these import the built packages.
const [{ measureCapture }, { measureMicro }, replay, project, { recordFailures }, { findDatabase }, { prepare }] =
  await Promise.all(
    ['capture', 'micro-report', 'replay', 'project', 'recording', 'database', 'schema'].map(
      name => import(new URL(`../test/bench/${name}.mjs`, import.meta.url).href),
    ),
  )

const parts = flags.only.split(',')
const startedAt = performance.now()
const folder = await mkdtemp(join(tmpdir(), 'flux-bench-'))
const database = await findDatabase(root)
const tables = await prepare(database.url)
try {
  await main()
} finally {
  await tables.remove()
  await database.stop()
  await rm(folder, { recursive: true, force: true })
}
process.stderr.write(`\nMeasured in ${((performance.now() - startedAt) / 1000).toFixed(0)} s.\n`)

async function main() {
  const postgres = `Postgres ${tables.version.split(' ')[0]}${database.embedded ? ' (embedded PGlite: no server answered)' : ''}`
  say(`${availableParallelism()} cores, Node ${process.version}, ${postgres}, ${process.platform} ${process.arch}.`)
  if (parts.includes('capture')) {
    const capture = await measureCapture({
      databaseUrl: database.url,
      folder: join(folder, 'capture'),
      root,
      seconds: Number(flags.seconds ?? (flags.quick ? 2 : 12)),
      rounds: flags.quick ? 2 : 4,
      chunk: flags.quick ? 100 : 250,
      warm: flags.quick ? 200 : 1000,
      starts: flags.quick ? 2 : 4,
      baseline: Number(flags.baseline),
    })
    say('## Capture', capture)
    say('## One clock read, draw or effect, in µs', measureMicro(flags.quick ? 30 : 200))
  }
  if (!parts.includes('replay')) return
  const recordings = await recordFailures({ databaseUrl: database.url, folder: join(folder, 'recording'), root })
  const many = Number(flags.tests ?? (flags.quick ? 200 : 1000))
  const written = await project.writeProject(join(folder, 'project'), root, recordings, many)
  if (flags.profile) return say('## One replay, step by step, in ms', await replay.measureSteps(written))
  const batches = flags.quick ? { batches: 20, size: 10 } : { batches: 40, size: 25 }
  say('## Replay, without a runner', await replay.measureBatches(written, batches))
  const rounds = Number(flags.pairs ?? (flags.quick ? 2 : 7))
  const runners = flags.runner ? [flags.runner] : project.RUNNERS
  if (rounds > 0) say('## Replay, in a test file', await replay.measureReplay(written, { rounds, runners }))
  if (!flags.quick) say('## A further test file', await replay.measureFiles(written, { rounds: 2 }))
}

function say(...paragraphs) {
  for (const text of paragraphs) console.log(`${text}\n`)
}
