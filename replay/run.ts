import inspector from 'node:inspector'
import { type Execution, type Frame, failureError, failureOf, Patches, throwing } from 'flux-capture/internal'
import { type Ending, type Failure, isFluxError } from 'flux-fixtures'
import type { Miss } from './asked.ts'
import { drive, type ReplayEntry } from './drive.ts'
import type { Leak } from './floor.ts'
import { type Machine, replayed } from './machine.ts'
import { NockScopes } from './nock.ts'
import type { Plan } from './plan.ts'
import { RecordingPlayer } from './player.ts'

/** What one run of the program did. */
export interface Run {
  readonly player: RecordingPlayer
  /** Absent when the program did not end. */
  readonly ending: Ending | undefined
  readonly failure: Failure | undefined
  readonly leaks: readonly Leak[]
  /** Virtual time, milliseconds since epoch. */
  readonly endedAt: number
  /** Calls during the run that belong to no execution and that nothing answers. */
  readonly strays: readonly Miss[]
}

/** How long a program may take to unwind after it asked beyond the recording, in real milliseconds. */
const UNWIND_MS = 1_000
/** How long a program may go on without asking for what was recorded, in real milliseconds. */
const PATIENCE_MS = 3_000
/** It is looked at so many times meanwhile. What it computes at a stretch, however slowly, counts as one look. */
const LOOKS = 10
/** How long what a program does after its end is watched at most, in real milliseconds. */
const DRAIN_MS = 500
const after = setTimeout
const cancel = clearTimeout
const ENDED: Ending = { kind: 'unanswered', reason: 'the process ended' }

/**
 * Runs the program once on the recording.
 * @param blank answers what no entry answers with nothing (no rows, 204), to see what lies behind it
 */
export async function run(machine: Machine, plan: Plan, entry: ReplayEntry, blank: boolean): Promise<Run> {
  const patches = new Patches()
  const nock = new NockScopes(patches, machine.realm.global, machine.realFetch)
  const player = new RecordingPlayer(machine.fixture, plan, machine, { blank, beyond: effect => nock.ask(effect) })
  const execution = replayed(machine.fixture.id, player)
  const frame: Frame = { execution, path: '', children: 0, inside: false }
  const process = new ProcessEnd(execution)
  machine.exits.run = { execution, ended: process.ended }
  if (nock.active) machine.installation.sync()
  machine.strays.length = 0
  const forget = machine.uncaught.watch(machine.realm.global !== globalThis, process.heard)
  player.start()
  try {
    const driving = drive(machine.fixture.trigger, entry, frame, machine.realm.global)
    const ending = await untilEnded(driving, player, process, machine.fixture.ending)
    const endedAt = Math.floor(player.now)
    if (ending) await drained(player)
    const failure = (ending && failureOf(ending, execution)) ?? process.failure(ending)
    const strays = [...machine.strays]
    return { player, ending, failure, leaks: machine.floor.take(), strays, endedAt }
  } finally {
    player.stop()
    forget()
    machine.exits.run = undefined
    patches.restore()
    if (nock.active) machine.installation.sync()
  }
}

/** How the program's process would have ended: by an error that nobody caught, or because the program said so. */
class ProcessEnd {
  readonly #execution: Execution
  #crash: { readonly error: unknown } | undefined
  #over = false
  /** Called when the process would end. */
  onEnd: (() => void) | undefined

  constructor(execution: Execution) {
    this.#execution = execution
  }

  /** An error was seen that nobody caught, whether or not the process outlived it. */
  get crashed(): boolean {
    return this.#crash !== undefined
  }

  readonly heard = (error: unknown, fatal: boolean, event: 'uncaughtException' | 'unhandledRejection'): boolean => {
    // What a microtask of `queueMicrotask` throws has no frame any more.
    const execution = throwing()?.execution ?? (event === 'uncaughtException' ? this.#execution : undefined)
    if (execution !== this.#execution) return false
    if (this.#over || isFluxError(error)) return true
    this.#crash ??= { error }
    this.#execution.hear(error)
    this.#execution.markVisible()
    if (fatal) this.ended()
    return true
  }

  /** A crash after a good answer is a failure all the same. */
  failure(ending: Ending | undefined): Failure | undefined {
    if (!this.#crash || !ending) return undefined
    const { issued, completions } = this.#execution
    return {
      kind: 'throw',
      error: failureError(this.#crash.error),
      afterCompletion: completions,
      afterIssue: issued,
    }
  }

  /** The process would end here. */
  readonly ended = (): void => {
    this.#over = true
    this.onEnd?.()
  }
}

/** Resolves with the ending, or with nothing once the run is stuck or does not unwind. */
function untilEnded(
  driving: Promise<Ending>,
  player: RecordingPlayer,
  process: ProcessEnd,
  recorded: Ending,
): Promise<Ending | undefined> {
  return new Promise((resolve, reject) => {
    let unwinding: ReturnType<typeof setTimeout> | undefined
    let patience = after(look, PATIENCE_MS / LOOKS, 0, LOOKS)
    // Somebody may be looking at a line of the program.
    if (inspector.url() !== undefined) cancel(patience)
    // Recorded events are finite; what is answered beyond them is not.
    function look(progress: number, left: number): void {
      const isIdle = player.progress === progress
      if (isIdle && left === 1) return player.giveUp()
      patience = after(look, PATIENCE_MS / LOOKS, player.progress, isIdle ? left - 1 : LOOKS)
    }
    const settle = (ending?: Ending) => {
      player.onStop = undefined
      player.unanswered.onMiss = undefined
      process.onEnd = undefined
      if (unwinding) cancel(unwinding)
      cancel(patience)
      resolve(ending)
    }
    player.onStop = () => {
      // A program that never answered in production has not answered by then here either.
      settle(process.crashed ? ENDED : recorded.kind === 'unanswered' ? recorded : undefined)
    }
    process.onEnd = () => settle(ENDED)
    player.unanswered.onMiss = () => {
      unwinding ??= after(settle, UNWIND_MS)
    }
    driving.then(settle, reject)
  })
}

/** What the program has begun by its end belongs to it: a leak or a crash there counts as well. */
function drained(player: RecordingPlayer): Promise<void> {
  return new Promise(resolve => {
    const impatient = after(resolve, DRAIN_MS)
    player.drain(() => {
      cancel(impatient)
      resolve()
    })
  })
}
