import { FORMAT_VERSION, newId, type Recording } from 'flux-fixtures'
import type { Settings } from '../config.ts'
import { Execution, type Limits } from '../execution.ts'
import { realNow } from '../real-clock.ts'
import { runtime } from '../runtime.ts'
import { throwing } from '../scope.ts'
import { Warmth } from './ambient.ts'
import type { ProcessEnvironment } from './environment.ts'
import { KeepPolicy } from './keep.ts'
import { Run, type Subject } from './run.ts'

/** What a process has captured so far. */
export interface Stats {
  /** Executions that ended. */
  readonly seen: number
  readonly kept: number
  /** Executions that were not kept, by reason; `notAsked` are ordinary successes. */
  readonly dropped: Readonly<Record<string, number>>
  /** Calls to the outside that could not be attributed while an execution ran. */
  readonly unattributed: number
  /** Recordings that could not be sanitized or written. */
  readonly failedWrites: number
}

/** Takes recordings off the main thread. */
export interface Sink {
  /**
   * @param bytes size of its payload
   * @returns false when too much waits already
   */
  write(recording: Recording, bytes: number): boolean
  readonly failed: number
}

const after = setTimeout
const cancel = clearTimeout
const nextTurn = setImmediate

/** Begins and ends the executions of this process, and hands over those that are kept. */
export class Recorder {
  readonly settings: Settings
  readonly warmth = new Warmth(newId(realNow()))
  readonly #limits: Limits
  readonly #sink: Sink
  readonly #policy: KeepPolicy
  readonly #environment: () => ProcessEnvironment
  readonly #runs = new Map<Execution, Run>()
  readonly #dropped: Record<string, number> = {}
  #seen = 0
  #kept = 0
  #unattributed = 0
  #crashed = false

  constructor(settings: Settings, environment: () => ProcessEnvironment, sink: Sink) {
    this.settings = settings
    this.#environment = environment
    this.#sink = sink
    this.#policy = new KeepPolicy(settings.capture)
    this.#limits = { effects: 10_000, instants: 100_000, logs: 1_000, bytes: settings.capture.maxBytes }
  }

  begin(subject: Subject): Run {
    const execution = new Execution(newId(realNow()), { limits: this.#limits })
    const run = new Run(execution, subject, ended => this.#drain(ended))
    this.#runs.set(execution, run)
    runtime.open.add(execution)
    return run
  }

  /** A fault of Flux's own: counted, never thrown into the program. */
  fault(where: string): void {
    this.#count(`fault in ${where}`)
  }

  /** Marks the current execution as one to keep. @returns whether there is one */
  keep(): boolean {
    const execution = runtime.frames.getStore()?.execution
    const run = execution && this.#runs.get(execution)
    if (run) run.requested = true
    return run !== undefined
  }

  /** An exception or rejection that nobody caught is the failure of the execution it comes from, and of nothing else. */
  uncaught(error: unknown, fatal: boolean): void {
    const execution = throwing()?.execution
    const run = execution && this.#runs.get(execution)
    run?.execution.hear(error)
    run?.fail('throw')
    if (fatal) this.#crashed = true
  }

  /** The process ends: what is under way is finished as it stands. */
  close(code: number): void {
    for (const run of [...this.#runs.values()]) {
      if (run.ended) this.#finish(run)
      else if (this.#crashed && code !== 0 && !run.failing) this.#forget(run, 'processEnded')
      else {
        if (run.subject.status() === undefined) run.fail('unanswered')
        run.end(() => ({ kind: 'unanswered', reason: 'the process ended' }))
        this.#finish(run)
      }
    }
  }

  stats(): Stats {
    return {
      seen: this.#seen,
      kept: this.#kept,
      dropped: { ...this.#dropped },
      unattributed: this.#unattributed,
      failedWrites: this.#sink.failed,
    }
  }

  /** What a run left under way belongs to it: rollbacks of a failure, late failures of a success. */
  #drain(run: Run): void {
    const { execution } = run
    if (execution.pending === 0 && !run.failing && !run.requested) return this.#finish(run)
    const finish = () => {
      cancel(timer)
      this.#finish(run)
    }
    const look = () => {
      if (execution.pending === 0) finish()
    }
    const timer = after(finish, this.settings.capture.drainMs)
    timer.unref()
    execution.onIdle = () => nextTurn(look)
    if (execution.pending === 0) nextTurn(look)
  }

  #finish(run: Run): void {
    if (!this.#runs.has(run.execution)) return
    const { execution } = run
    execution.onIdle = undefined
    execution.close()
    let reason = execution.dropped
    try {
      reason ??= this.#handOver(run)
    } catch {
      reason = 'fault in recorder'
    }
    this.warmth.remember(execution)
    this.#forget(run, reason)
  }

  /** @returns why the execution was not kept */
  #handOver(run: Run): string | undefined {
    const { execution, subject } = run
    const ending = run.failing ? run.ending() : undefined
    const failure = ending && run.failure(ending)
    const status = subject.status()
    const decision = this.#policy.decide(subject.name(), failure, {
      requested: run.requested,
      donor: status === undefined || status < 400,
      summary: () => ({
        id: execution.id,
        trigger: subject.name(),
        failed: failure !== undefined,
        durationMs: run.duration,
        effects: execution.asked.length,
        ...(status !== undefined && { status }),
        ...(failure?.error && { error: { class: failure.error.class, message: failure.error.message } }),
      }),
    })
    if ('dropped' in decision) return decision.dropped
    const recording: Recording = {
      format: FORMAT_VERSION,
      id: execution.id,
      kept: decision.kept,
      trigger: subject.trigger(),
      ending: ending ?? run.ending(),
      ...(failure && { failure }),
      environment: { ...this.#environment(), env: Object.fromEntries(execution.env) },
      clock: {
        startedAt: execution.startedAt,
        duration: run.duration,
        reads: [...execution.reads],
        origin: execution.origin,
        ...(execution.timers.length > 0 && { timers: [...execution.timers] }),
        ...(execution.joined.length > 0 && { joined: [...execution.joined] }),
      },
      random: { draws: [...execution.draws] },
      effects: execution.entries(),
      logs: [...execution.logs],
      ambient: this.warmth.ambient(),
      unattributed: execution.unattributed,
    }
    return this.#sink.write(recording, execution.held) ? undefined : 'backPressure'
  }

  /** Sockets made within an execution keep its frame alive: nothing may hang on to it. */
  #forget(run: Run, reason: string | undefined): void {
    const { execution } = run
    this.#runs.delete(execution)
    runtime.open.delete(execution)
    this.#seen++
    this.#unattributed += execution.unattributed
    if (reason === undefined) this.#kept++
    else this.#count(reason)
    execution.close()
    execution.drop('over')
  }

  #count(reason: string): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1
  }
}
