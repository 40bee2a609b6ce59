/** Records generated programs with the real recorder, many at once, and makes fixtures of them in memory. */
import { flux } from 'flux-capture'
import { install, loadConfig } from 'flux-capture/internal'
import { toFixture } from 'flux-codegen'
import { type Fixture, type Recording, sanitize } from 'flux-fixtures'
import seedrandom from 'seedrandom'
import { processEnvironment } from '../../capture/record/environment.ts'
import { Recorder } from '../../capture/record/recorder.ts'
import { runtime } from '../../capture/runtime.ts'
import { type Heard, interpret } from './interpret.ts'
import type { Step } from './program.ts'
import { World } from './world.ts'

/** A program in one of its schedules: when each effect answers, and which of them fail. */
export interface Case {
  /** `17.2` is the third schedule of program 17. */
  readonly seed: string
  readonly program: readonly Step[]
}

export interface Recorded extends Case {
  readonly fixture: Fixture
  readonly heard: Required<Heard>
}

/** Recordings that are made at the same time: their effects take real time. */
const AT_ONCE = 100

/** @throws when a run was not recorded whole */
export async function recordAll(cases: readonly Case[]): Promise<Recorded[]> {
  const made = new Map<string, Recording>()
  const { settings, environment } = surroundings()
  const recorder = new Recorder(settings, environment, {
    write(recording) {
      if (recording.trigger.kind === 'call') made.set((recording.trigger.args as string[])[0] ?? '', recording)
      return true
    },
    failed: 0,
  })
  const installation = install()
  runtime.ambient = recorder.warmth.frame
  runtime.recorder = recorder
  try {
    const recorded: Recorded[] = []
    const queue = [...cases]
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) recorded.push(await recordOne(next, made, recorder))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    return recorded
  } finally {
    runtime.ambient = undefined
    runtime.recorder = undefined
    installation.uninstall()
  }
}

function surroundings() {
  const { capture, ...settings } = loadConfig(process.cwd(), {})
  return {
    settings: { ...settings, capture: { ...capture, when: 'always' as const } },
    environment: processEnvironment({}, process.cwd()),
  }
}

const nextTurn = setImmediate

async function recordOne(given: Case, made: Map<string, Recording>, recorder: Recorder): Promise<Recorded> {
  const heard: Heard = { events: [] }
  const world = new World(seedrandom(`schedule ${given.seed}`))
  const job = flux.wrap('program', (_seed: string) => interpret(given.program, world, heard))
  await job(given.seed).catch(() => {})
  const until = performance.now() + 10_000
  while (!made.has(given.seed)) {
    if (performance.now() > until)
      throw new Error(`${given.seed} was not recorded: ${JSON.stringify(recorder.stats())}`)
    await new Promise<void>(resolve => nextTurn(resolve))
  }
  const recording = made.get(given.seed) as Recording
  made.delete(given.seed)
  return {
    ...given,
    heard: heard as Required<Heard>,
    fixture: toFixture(sanitize(recording), { title: 'a generated program' }),
  }
}
