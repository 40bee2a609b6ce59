// The table of time scenarios in every runner on every version of Node: `npm run test:full`.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values: flags } = parseArgs({
  options: {
    node: { type: 'string', default: '20,22,24,26' },
    runner: { type: 'string', default: 'vitest4-forks,vitest4-threads,jest30,vitest5-forks,vitest5-threads' },
    only: { type: 'string' },
    turns: { type: 'string', default: '20' },
    runs: { type: 'string', default: '2' },
    'no-setup': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (flags.help) {
  console.log(`npm run test:full -- [flags]
  --node <majors>    versions of Node (${'20,22,24,26'})
  --runner <names>   vitest4-forks, vitest4-threads, jest30, vitest5-forks, vitest5-threads
  --only <names>     scenarios, by name
  --turns <n>        replays of each scenario (20)
  --runs <n>         runs of each runner on each Node; every second one beside a busy core (2)
  --no-setup         test the packages as they are built
  --keep             leave the scratch folder where it is, and say where
FLUX_REQUIRE_SERVICES=1 makes what could not be had a failure.`)
  process.exit(0)
}
if (!flags['no-setup']) {
  const { status } = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
// Only now: these import the built packages.
const [{ captureScenarios }, { writeProject }, { limitsIn, runCell, wrongIn }, toolchain] = await Promise.all(
  ['capture', 'project', 'cell', 'toolchain'].map(
    name => import(new URL(`../test/time/${name}.mjs`, import.meta.url).href),
  ),
)

/** What vitest 5 says it needs. */
const VITEST5_NODE = [22, 12]
const folder = await mkdtemp(join(tmpdir(), 'flux-time-'))
const absent = []
const rows = []
try {
  await main()
} finally {
  if (flags.keep) say(`Left in ${folder}.`)
  else await rm(folder, { recursive: true, force: true })
}
for (const line of absent) process.stderr.write(`\n*** ABSENT: ${line} ***\n`)
const failed = rows.some(({ wrong }) => wrong.length > 0) || rows.length === 0
process.exit(failed || (absent.length > 0 && process.env.FLUX_REQUIRE_SERVICES === '1') ? 1 : 0)

async function main() {
  say(`${availableParallelism()} cores, ${process.platform} ${process.arch}.`)
  const own = join(root, 'node_modules')
  const later = flags.runner.includes('vitest5')
    ? await had('vitest 5', () => toolchain.modulesOfVitest5(root, folder))
    : undefined
  for (const major of flags.node.split(',')) {
    const node = await had(`Node ${major}`, () => toolchain.nodeOf(major, folder))
    if (node !== undefined) await onNode(major, node, { own, later })
  }
  say('', table())
}

/** A production on this Node, and its recordings in every runner. */
async function onNode(major, node, { own, later }) {
  const version = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim()
  const scenarios = await captureScenarios({ folder: join(folder, `production-${major}`), root, node })
  const lost = scenarios.filter(({ missing }) => missing).map(({ name }) => name)
  if (lost.length > 0) rows.push({ title: `Node ${version}, production`, wrong: [`not recorded: ${lost.join(', ')}`] })
  const write = async modules => {
    const place = join(folder, `project-${major}-${modules === own ? 'own' : 'vitest-5'}`)
    return { place, expectations: await writeProject(place, modules, scenarios, Number(flags.turns)) }
  }
  const projects = new Map()
  for (const name of flags.runner.split(',')) {
    const modules = name.startsWith('vitest5') ? later : own
    if (modules === undefined || (name.startsWith('vitest5') && !supports(version))) continue
    if (!projects.has(modules)) projects.set(modules, await write(modules))
    for (let run = 0; run < Number(flags.runs); run++) {
      await oneCell(projects.get(modules), { name, version, node, modules, loaded: run % 2 === 1 })
    }
  }
}

async function oneCell({ place, expectations }, { name, version, node, modules, loaded }) {
  const [runner, pool] = name.startsWith('jest') ? ['jest'] : ['vitest', name.split('-')[1]]
  const title = `Node ${version}, ${runner} ${toolchain.versionOf(modules, runner)}${pool ? ` ${pool}` : ''}${loaded ? ', loaded' : ''}`
  const only = flags.only?.split(',')
  const cell = await runCell(place, { title, runner, pool, node, modules, loaded }, expectations, only)
  const wrong = wrongIn(cell)
  const limits = limitsIn(cell)
  rows.push({ ...cell, wrong, limits })
  const { reports, seconds } = cell
  say(
    `${wrong.length === 0 ? 'ok  ' : 'MISS'} ${title}: ${reports.length - wrong.length - limits.length} of ${reports.length} in ${seconds.toFixed(0)} s`,
  )
  for (const line of wrong) say(`       ${line}`)
  for (const line of limits) say(`       known limit: ${line}`)
}

async function had(what, get) {
  try {
    return await get()
  } catch (error) {
    absent.push(`${what}: ${error.message}`)
    return undefined
  }
}

function supports(version) {
  const [major, minor] = version.split('.').map(Number)
  const [leastMajor, leastMinor] = VITEST5_NODE
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

function table() {
  const line = cells => `| ${cells.join(' | ')} |`
  const head = [
    '',
    'programs',
    'as recorded',
    'known limits',
    'replays',
    '10 s race, ms: median (slowest median)',
    'seconds',
  ]
  const body = rows.map(({ title, reports = [], wrong, limits = [], seconds = 0 }) => {
    const long = reports.filter(({ name, median }) => name.startsWith('tenSecond') && median !== undefined)
    const medians = long.map(({ median }) => median).sort((a, b) => a - b)
    const races =
      medians.length === 0 ? '' : `${medians[medians.length >> 1].toFixed(1)} (${medians.at(-1).toFixed(1)})`
    const replays = reports.reduce((sum, { turns }) => sum + turns, 0)
    const right = Math.max(0, reports.length - wrong.length - limits.length)
    return line([title, reports.length, right, limits.length, replays, races, seconds.toFixed(0)])
  })
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...body].join('\n')
}

function say(...lines) {
  for (const text of lines) console.log(text)
}
