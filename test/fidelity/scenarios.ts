/** Every scenario by its name, and the entry that runs one. */
import { flux } from 'flux-capture'
import { BODIES } from './bodies.ts'
import { EXCHANGES, type Program } from './exchanges.ts'
import { INTERRUPTIONS } from './interruptions.ts'
import type { World } from './service.ts'
import { SOCKETS } from './sockets.ts'
import { traced } from './trace.ts'

const named = (client: string, programs: Readonly<Record<string, Program>>) =>
  Object.fromEntries(Object.entries(programs).map(([name, program]) => [`${client}: ${name}`, program]))

export const SCENARIOS: Readonly<Record<string, Program>> = {
  ...EXCHANGES,
  ...INTERRUPTIONS,
  ...BODIES,
  ...named('http', SOCKETS),
}

/** What the runs of this process saw, by scenario. It does not go through the recording. */
export const seen = new Map<string, readonly unknown[]>()

/** Runs a scenario as an execution that is kept. */
export const runScenario = flux.wrap('fidelity', async (name: string, world: World): Promise<void> => {
  flux.keep()
  const program = SCENARIOS[name]
  if (!program) throw new Error(`There is no scenario ${name}.`)
  seen.set(name, await traced(trace => program(trace, world)))
})
