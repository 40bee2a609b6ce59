/** The one virtual time of a run. It never runs backwards. */
export class VirtualTime {
  /** Milliseconds since epoch at which the recording began. */
  readonly startedAt: number
  #now = 0

  constructor(startedAt: number) {
    this.startedAt = startedAt
  }

  /** Milliseconds since the execution began. */
  get now(): number {
    return this.#now
  }

  advanceTo(milliseconds: number): void {
    if (milliseconds > this.#now) this.#now = milliseconds
  }
}
