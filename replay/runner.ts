/** What both runner plugins share: finding the fixture, holding the machine, judging the verdict. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Fixture, FluxError, isFluxError, readFixture } from 'flux-fixtures'
import type { ReplayEntry } from './drive.ts'
import { assemble, type Machine } from './machine.ts'
import { replayOn } from './replay.ts'
import type { Verdict } from './verdict.ts'

export { RUNTIME, runtime } from 'flux-capture/internal'
export { type Fixture, FluxError } from 'flux-fixtures'
export { type FixedOptions, judgeFixed, type MatcherResult } from './fixed.ts'
export { renderVerdict } from './render.ts'

const PRAGMA = /^\s*(?:\/\/|\/?\*+)\s*@flux-fixture\s+(\S+)/m
const ARMED = Symbol.for('flux.armed')
type Holder = typeof globalThis & { [ARMED]?: Machine }

/**
 * The fixture that a test file names in a `// @flux-fixture ./name.flux.json` line.
 * @returns undefined when the file names none
 * @throws FluxError `FLUX_NOT_FOUND`, `FLUX_FIXTURE_CORRUPT`, `FLUX_FIXTURE_NEWER`
 */
export function fixtureOf(testPath: string): Fixture | undefined {
  const named = PRAGMA.exec(readFileSync(testPath, 'utf8'))?.[1]
  return named === undefined ? undefined : loadFixture(resolve(dirname(testPath), named))
}

/** Reads and validates a fixture file. */
export function loadFixture(file: string): Fixture {
  if (!existsSync(file)) {
    throw toldToRunner(
      new FluxError('FLUX_NOT_FOUND', `There is no fixture ${file}.`, {
        hint: 'Correct the path, or run `flux pull`.',
      }),
    )
  }
  try {
    return readFixture(readFileSync(file, 'utf8'), file)
  } catch (error) {
    throw toldToRunner(error)
  }
}

const OWN_FRAME = /[\\/](?:flux-fixtures|flux-replay|vitest-plugin-flux|jest-environment-flux)[\\/]/

/** An error as a test runner is to show it, which prints the message and the stack alone: with its hint, from the user's line on. */
export function toldToRunner(error: unknown): unknown {
  if (!isFluxError(error) || error.message.endsWith(error.hint)) return error
  const frames = error.stack?.split('\n').filter(line => /^\s+at /.test(line) && !OWN_FRAME.test(line)) ?? []
  error.message = `${error.message}\n${error.hint}`
  error.stack = [`${error.name}: ${error.message}`, ...frames].join('\n')
  return error
}

/** Puts this process under the control of a fixture until {@link disarm}. */
export function arm(fixture: Fixture, options: Parameters<typeof assemble>[1] = {}): Machine {
  const machine = assemble(fixture, options)
  Object.defineProperty(globalThis, ARMED, { value: machine, configurable: true })
  return machine
}

/** Gives the process back. */
export function disarm(): void {
  const machine = (globalThis as Holder)[ARMED]
  Reflect.deleteProperty(globalThis, ARMED)
  machine?.dismantle()
}

/** Replays `entry` on the fixture in control. */
export async function replayArmed(entry: ReplayEntry): Promise<Verdict> {
  const machine = (globalThis as Holder)[ARMED]
  if (!machine) {
    throw toldToRunner(
      new FluxError('FLUX_NOT_ARMED', 'replay() was called where no fixture is in control.', {
        hint: 'Put `// @flux-fixture ./name.flux.json` above the test, and the Flux plugin into the runner configuration.',
      }),
    )
  }
  try {
    return await replayOn(machine, entry)
  } catch (error) {
    throw toldToRunner(error)
  }
}
