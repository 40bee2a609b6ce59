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
  --tests <n>        tests in a file of many (200)
  --profile          where the time of one replay goes, instead of the table
  --no-setup         measure the packages as they are built`)
  process.exit(0)
}
if (!flags['no-setup']) {
  const { status } = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
// Only now: these import the built packages.
const [{ measureCapture }, { measureMicro }, { measureReplay, measureSteps }, project, { findDatabase }, { prepare }] =
  await Promise.all(
    ['capture', 'micro-report', 'replay', 'project', 'database', 'schema'].map(
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
  const wanted = parts.includes('capture')
  const capture = await measureCapture({
    databaseUrl: database.url,
    folder: join(folder, 'capture'),
    root,
    seconds: wanted ? Number(flags.seconds ?? (flags.quick ? 2 : 12)) : 0,
    rounds: wanted ? (flags.quick ? 2 : 4) : 0,
    chunk: flags.quick ? 100 : 250,
    warm: wanted ? (flags.quick ? 200 : 1000) : 50,
    starts: wanted ? (flags.quick ? 2 : 4) : 0,
    baseline: Number(flags.baseline),
  })
  if (wanted) {
    say('## Capture', capture.text)
    say('## One clock read, draw or effect, in µs', measureMicro(flags.quick ? 30 : 200))
  }
  if (!parts.includes('replay')) return
  const many = Number(flags.tests ?? (flags.quick ? 50 : 200))
  const written = await project.writeProject(join(folder, 'project'), root, capture.recording, many)
  if (flags.profile) return say('## One replay, step by step, in ms', await measureSteps(written))
  const settings = flags.quick
    ? { repeats: 1, modes: ['empty', 'http stub', 'flux'], files: [] }
    : { repeats: 2, modes: project.MODES, files: ['http stub', 'flux'] }
  say('## Replay', await measureReplay(written, settings))
}

function say(...paragraphs) {
  for (const text of paragraphs) console.log(`${text}\n`)
}
