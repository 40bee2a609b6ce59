/** Replays fixtures one after the other, each under a machine of its own: `replays.ts <result file> <fixture>…`. */
import { writeFileSync } from 'node:fs'
import { assemble, replayOn, type Verdict } from 'flux-replay'
import { loadFixture } from 'flux-replay/runner'

/** What one replay was, and what the program saw in it. */
export interface Replayed {
  readonly verdict: Pick<Verdict, 'result' | 'reason' | 'leaks' | 'divergences' | 'orphans' | 'beyond'>
  readonly seen: readonly unknown[] | undefined
  readonly milliseconds: number
}

const [file = '', ...fixtures] = process.argv.slice(2)
const UNCAUGHT = ['unhandledRejection', 'uncaughtException'] as const
const ignore = () => {}
const now = performance.now.bind(performance)
const replayed: Record<string, Replayed> = {}
for (const path of fixtures) {
  const fixture = loadFixture(path)
  const began = now()
  const machine = assemble(fixture)
  const { runScenario, seen } = await import('./scenarios.ts')
  const { strays } = await import('./trace.ts')
  seen.clear()
  // As in production, the program listens before it runs.
  for (const event of UNCAUGHT) process.on(event, ignore)
  const { result, reason, leaks, divergences, orphans, beyond } = await replayOn(machine, runScenario, {
    proving: true,
  })
  machine.dismantle()
  for (const event of UNCAUGHT) process.off(event, ignore)
  const [[name, events] = [fixture.title, undefined]] = seen
  replayed[fixture.title] = {
    verdict: { result, ...(reason !== undefined && { reason }), leaks, divergences, orphans, beyond },
    seen: name === fixture.title && events ? [...events, ...strays.splice(0)] : undefined,
    milliseconds: now() - began,
  }
}
writeFileSync(file, JSON.stringify(replayed))
process.exit(0)
