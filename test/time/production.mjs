// The program in production: runs the scenarios of some files beside each other, each as an execution that is kept.
import { scrypt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { flux } from 'flux-capture'
import { ask, askHttp } from './scenarios/asking.mjs'
import { loadScenarios } from './table.mjs'

/** Between the starts of two scenarios: what starts at once would only measure how long that takes. */
const STAGGER_MS = 30
/** How long what lost a race may still take. */
const AFTERMATH_MS = 1200
const [files = ''] = process.argv.slice(2)
const scenarios = await loadScenarios(files.split(','))
// A service that has been running for a while: its libraries are loaded, its connections open.
for (let round = 0; round < 3; round++) {
  await Promise.all(Array.from({ length: 8 }, () => [ask('/after/5'), askHttp('/after/5')]).flat())
}
await promisify(scrypt)('warm', 'up', 32)

const long = scenarios.filter(({ name, file }) => name.startsWith('tenSecond') || file === 'endless')
const ended = []
for (const scenario of [...long, ...scenarios.filter(one => !long.includes(one))]) {
  const execution = flux.wrap(`time.${scenario.name}`, () => {
    flux.keep()
    return scenario.run()
  })()
  // Its failure is recorded, and is no failure of this program.
  if (scenario.file !== 'endless') ended.push(execution.catch(() => {}))
  await sleep(STAGGER_MS)
}
await Promise.all(ended)
await sleep(AFTERMATH_MS)
process.exit(0)
