/** Replays a fixture on an entry in a process of its own and prints the verdict: `replay-once.ts <fixture> <module> <export> [proving]`. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { assemble, type ReplayEntry, replayOn } from 'flux-replay'
import { loadFixture } from 'flux-replay/runner'

const [fixture = '', module = '', name = 'app', proving] = process.argv.slice(2)
const machine = assemble(loadFixture(resolve(fixture)))
const loaded = (await import(pathToFileURL(resolve(module)).href)) as Record<string, ReplayEntry>
const verdict = await replayOn(machine, loaded[name] as ReplayEntry, { proving: proving === 'proving' })
machine.dismantle()
process.stdout.write(`\nverdict ${JSON.stringify(verdict)}\n`, () => process.exit(0))
