/** One replay in a process of its own. Arguments: the fixture, the entry's module, its export. The verdict goes to fd 3. */
import { readFileSync, writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { disown } from 'flux-capture/internal'
import { isFluxError, readFixture } from 'flux-fixtures'
import { assemble, type ReplayEntry, replayOn } from 'flux-replay'

const CHANNEL = 3
const exit = process.exit.bind(process)
const [, , fixtureFile = '', entryFile = '', name = 'default'] = process.argv
// The program sees a process started for its own module.
process.argv.splice(1, process.argv.length, entryFile)

disown(import.meta.url)
try {
  const machine = assemble(readFixture(readFileSync(fixtureFile, 'utf8'), fixtureFile))
  const entry = await load()
  tell({ verdict: await replayOn(machine, entry, { proving: true }) })
} catch (error) {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  tell({ error: { message, stack, ...(isFluxError(error) && { code: error.code, hint: error.hint }) } })
}

async function load(): Promise<ReplayEntry> {
  const module: Record<string, unknown> = await import(pathToFileURL(entryFile).href)
  // A CommonJS module arrives as the default of the one that imports it.
  const inner = module.default as Record<string, unknown> | undefined
  const found = name === 'default' ? (inner?.default ?? inner) : (module[name] ?? inner?.[name])
  if (found === undefined || found === null) throw new Error(`its export ${name} is ${String(found)}`)
  return found as ReplayEntry
}

function tell(message: object): void {
  const bytes = Buffer.from(JSON.stringify(message))
  for (let at = 0; at < bytes.length; ) at += writeSync(CHANNEL, bytes, at)
  exit(0)
}
