import type { Fixture } from 'flux-fixtures'
import { assemble, replayOn } from 'flux-replay'
import seedrandom from 'seedrandom'
import type { Replayed } from './check.ts'
import { type Heard, interpret } from './interpret.ts'
import type { Step } from './program.ts'
import { World } from './world.ts'

const now = performance.now.bind(performance)

/**
 * Replays a program on a fixture with the real engine. What it tells is of the first run; a probe is not looked into.
 * @throws when an effect was performed
 */
export async function replay(program: readonly Step[], fixture: Fixture): Promise<Replayed> {
  const started = now()
  const machine = assemble(fixture)
  const runs: { readonly world: World; readonly heard: Heard }[] = []
  const entry = (): Promise<number> => {
    const run = { world: new World(seedrandom('performed')), heard: { events: [] } }
    runs.push(run)
    return interpret(program, run.world, run.heard)
  }
  try {
    const verdict = await replayOn(machine, entry, { proving: true })
    const [first] = runs
    if (!first) throw new Error(`the program was not run: ${verdict.result} ${verdict.reason}`)
    const performed = runs.reduce((sum, { world }) => sum + world.performed, 0)
    if (performed > 0) throw new Error(`${performed} effects were performed in a replay`)
    return { verdict, heard: first.heard, asked: [...first.world.asked], tookMs: now() - started }
  } finally {
    machine.dismantle()
  }
}
