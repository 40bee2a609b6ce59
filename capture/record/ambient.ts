import type { Ambient } from 'flux-fixtures'
import { looseSignature } from 'flux-fixtures'
import { Execution } from '../execution.ts'
import type { Frame } from '../runtime.ts'

const MAX_EARLIER = 200

/** What happens outside any execution. Over its limits it stops and keeps what it has. */
class AmbientExecution extends Execution {
  override drop(reason: string): void {
    this.dropped ??= reason
  }
}

/** What a warm process has: what it did outside any execution, and what earlier executions asked for. */
export class Warmth {
  readonly frame: Frame
  readonly #earlier = new Set<string>()

  constructor(id: string) {
    const limits = { effects: 200, instants: 2000, logs: 0, bytes: 1024 ** 2 }
    this.frame = { execution: new AmbientExecution(id, { limits }), path: '', children: 0, inside: false }
  }

  /** An execution is over; what it asked for may stand in caches now. */
  remember(execution: Execution): void {
    for (const { effect } of execution.asked) {
      if (this.#earlier.size >= MAX_EARLIER) return
      this.#earlier.add(looseSignature(effect))
    }
  }

  /** What it is now, for one recording. */
  ambient(): Ambient {
    return this.frame.execution.ambient([...this.#earlier])
  }
}
