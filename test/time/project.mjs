// A project on disk whose tests replay the scenarios: a fixture and a test file for each, for both runners.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { toFixture } from 'flux-codegen'
import { printFixture } from 'flux-fixtures'

const here = fileURLToPath(new URL('.', import.meta.url))
/** From here on a recording counts as one of 10 s, in milliseconds. */
const LONG_MS = 9000
/** What a replay of such a recording may cost, in milliseconds. */
const LONG_COSTS_MS = 20

/**
 * Writes the project. Tests are named `tests/<name>.test.mjs` and `.cjs`; what they saw goes to the folder that a cell names in
 * `cell.txt`.
 * @param scenarios of `captureScenarios`
 * @param modules the `node_modules` to link
 * @returns what is expected of each scenario, by name
 */
export async function writeProject(folder, modules, scenarios, turns) {
  mkdirSync(folder, { recursive: true })
  symlinkSync(modules, join(folder, 'node_modules'), 'junction')
  const write = (name, text) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  write('package.json', '{ "type": "module", "private": true }')
  write('vitest.config.mjs', VITEST)
  write('jest.config.json', JSON.stringify(JEST))
  for (const file of ['real-clock.mjs', 'verify.mjs', ...scenarioFiles()]) {
    const text = readFileSync(join(here, file), 'utf8')
    write(file, text)
    write(file.replace(/\.mjs$/, '.cjs'), await asCommonJs(text))
  }
  const expectations = new Map()
  for (const { name, file, recording, change } of scenarios) {
    if (!recording) continue
    const expected = expectationOf(recording)
    expectations.set(name, expected)
    write(`fixtures/${name}.flux.json`, provenFixture(recording))
    const test = testOf({ name, file, expected, change, turns })
    write(`tests/${name}.test.mjs`, `// @flux-fixture ../fixtures/${name}.flux.json\n${test('vitest')}`)
    const pragma = `/**\n * @jest-environment flux\n * @flux-fixture ../fixtures/${name}.flux.json\n */\n`
    write(`tests/${name}.test.cjs`, `${pragma}${await asCommonJs(test('jest'))}`)
  }
  return expectations
}

function scenarioFiles() {
  return readdirSync(join(here, 'scenarios')).map(name => `scenarios/${name}`)
}

/** jest knows no `import()` without a flag of Node's. */
async function asCommonJs(text) {
  const supported = { 'dynamic-import': false }
  const { code } = await transform(text.replaceAll('.mjs', '.cjs'), { format: 'cjs', platform: 'node', supported })
  return code
}

/** The recording as a fixture. That it reproduces is what is examined here, so its proof is written unseen. */
function provenFixture(recording) {
  const fixture = toFixture(recording, { title: `${recording.trigger.name} ends as recorded` })
  const proof = recording.failure && { result: 'reproduced', runs: 5, of: fixture.digest }
  return printFixture({ ...fixture, ...(proof && { proof }) })
}

/** What a replay of the unchanged program must come to. */
function expectationOf({ ending, clock, environment }) {
  const zone = environment.timezone
  const maxMs = clock.duration >= LONG_MS && ending.kind !== 'unanswered' ? { maxMs: LONG_COSTS_MS } : {}
  if (ending.kind === 'returned') return { zone, result: 'fixed', value: ending.value, ...maxMs }
  return { zone, result: 'reproduced', ...maxMs }
}

function testOf({ name, file, expected, change, turns }) {
  const { maxMs, zone: _zone, ...wanted } = expected
  const options = `{ folder: readFileSync('cell.txt', 'utf8'), turns: ${turns}${maxMs ? `, maxMs: ${maxMs}` : ''} }`
  const imported = change ? `${name}, seen` : name
  const run = change ? `${name}.before` : name
  const head = runner => `
import { readFileSync } from 'node:fs'
${runner === 'vitest' ? "import { test } from 'vitest'" : ''}
import { replay } from '${runner === 'vitest' ? 'vitest-plugin-flux' : 'jest-environment-flux'}/replay'
import { ${change ? 'backwards, verify' : 'verify'} } from '../verify.mjs'
import { ${imported} } from '../scenarios/${file}.mjs'

test('${name}', () => verify('${name}', replay, ${run}, ${JSON.stringify(wanted)}, ${options}), 120_000)
`
  if (!change) return head
  const { result = 'fixed', reason } = change
  const changed = { result, reason }
  return runner => `${head(runner)}
test('${name}, changed', () => verify('${name}, changed', async () => {
  const verdict = await replay(${name}.after)
  const wrong = backwards(seen, ${name}.least)
  return wrong.length > 0 ? { ...verdict, result: wrong.join('; ') } : verdict
}, undefined, ${JSON.stringify(changed)}, ${options}), 120_000)
`
}

const VITEST = `
import flux from 'vitest-plugin-flux'
export default {
  plugins: [flux()],
  test: { include: ['tests/*.test.mjs'], setupFiles: ['./real-clock.mjs'], testTimeout: 120_000 },
}
`
const JEST = {
  testMatch: ['**/tests/*.test.cjs'],
  transform: {},
  watchman: false,
  moduleFileExtensions: ['js', 'cjs', 'json'],
  setupFiles: ['./real-clock.cjs'],
}
