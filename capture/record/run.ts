import type { Ending, Failure, Trigger } from 'flux-fixtures'
import type { Execution } from '../execution.ts'
import { failureError, failureOf } from '../failure.ts'
import type { Frame } from '../runtime.ts'

/** What an execution is of. Everything is asked for only once the execution is over. */
export interface Subject {
  trigger(): Trigger
  /** One name for all executions of the kind: `POST /orders/:id`, `invoice.send`. */
  name(): string
  /** HTTP status, once there is one. */
  status(): number | undefined
}

/** One execution while it is recorded. */
export class Run {
  readonly execution: Execution
  readonly frame: Frame
  readonly subject: Subject
  /** Somebody asked for it to be kept. */
  requested = false
  /** Milliseconds until the end. */
  duration = 0
  #failing: Failure['kind'] | undefined
  #ending: (() => Ending) | undefined
  readonly #onEnd: (run: Run) => void

  constructor(execution: Execution, subject: Subject, onEnd: (run: Run) => void) {
    this.execution = execution
    this.subject = subject
    this.frame = { execution, path: '', children: 0, inside: false }
    this.#onEnd = onEnd
  }

  /** The failure is visible now. The first one counts. */
  fail(kind: Failure['kind']): void {
    this.#failing ??= kind
    this.execution.markVisible()
  }

  get failing(): boolean {
    return this.#failing !== undefined
  }

  /** The run is over; what it still has under way is waited for. The first end counts. */
  end(ending: () => Ending): void {
    if (this.#ending) return
    this.#ending = ending
    this.duration = this.execution.elapsed()
    this.#onEnd(this)
  }

  get ended(): boolean {
    return this.#ending !== undefined
  }

  ending(): Ending {
    return this.#ending?.() ?? { kind: 'unanswered', reason: 'the process ended' }
  }

  failure(ending: Ending): Failure | undefined {
    if (this.#failing === undefined) return undefined
    const { error, visible, completions, issued } = this.execution
    return (
      failureOf(ending, this.execution) ?? {
        kind: this.#failing,
        ...(error !== undefined && { error: failureError(error) }),
        ...(visible ?? { afterCompletion: completions, afterIssue: issued }),
      }
    )
  }
}
