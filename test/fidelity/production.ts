/** Runs scenarios as production would, several at once: `production.ts <world> <result file> <scenario>…`. */
import { writeFileSync } from 'node:fs'
import { flux } from 'flux-capture'
import { runScenario, seen } from './scenarios.ts'
import type { World } from './service.ts'
import { strays } from './trace.ts'

const AT_ONCE = 16
/** How long nothing may come to an end. */
const PATIENCE_MS = 20_000
const [world = '', file = '', ...names] = process.argv.slice(2)
process.setMaxListeners(0)

const waiting = [...names]
let impatient = setTimeout(giveUp, PATIENCE_MS)

function giveUp(): void {
  process.stderr.write(`These do not end: ${names.filter(name => !seen.has(name)).join('; ')}\n`)
  process.exit(1)
}

async function work(): Promise<void> {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    await runScenario(name, JSON.parse(world) as World)
    clearTimeout(impatient)
    impatient = setTimeout(giveUp, PATIENCE_MS)
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, work))
clearTimeout(impatient)
// What a scenario left under way belongs to its recording.
for (const until = Date.now() + 5_000; flux.stats().seen < names.length && Date.now() < until; ) {
  await new Promise(resolve => setTimeout(resolve, 10))
}
writeFileSync(file, JSON.stringify({ seen: Object.fromEntries(seen), strays, stats: flux.stats() }))
process.exit(0)
