type Event = 'uncaughtException' | 'unhandledRejection'
type Listener = (error: unknown, ...rest: unknown[]) => void

const EVENTS: readonly Event[] = ['uncaughtException', 'unhandledRejection']

/**
 * What the program does not catch. Runners listen to the process and fail the file; while the program runs, it is the
 * program's failure instead, as it was in production.
 */
export class Uncaught {
  readonly #runners = new Map<Event, readonly unknown[]>()

  /** To be made before the program is imported: whoever listens by then is the runner. */
  constructor() {
    for (const event of EVENTS) this.#runners.set(event, listeners(event))
  }

  /**
   * @param foreign the program has a process object of its own, so that all who listen are the runner
   * @param heard told of each error and whether it ends the process; false when it is not the program's
   * @returns ends the watch
   */
  watch(foreign: boolean, heard: (error: unknown, fatal: boolean, event: Event) => boolean): () => void {
    const aside = new Map<Event, readonly Listener[]>()
    for (const event of EVENTS) {
      const runners = this.#runners.get(event) ?? []
      aside.set(
        event,
        listeners(event).filter(listener => foreign || runners.includes(listener)),
      )
      for (const listener of aside.get(event) ?? []) process.off(event, listener)
    }
    const fatal = EVENTS.every(event => process.listenerCount(event) === 0)
    const own = EVENTS.map(event => {
      const listener: Listener = (error, ...rest) => {
        if (heard(error, fatal, event)) return
        const runners = aside.get(event) ?? []
        if (fatal && runners.length === 0) throw error
        for (const runner of runners) runner.call(process, error, ...rest)
      }
      process.on(event, listener)
      return { event, listener }
    })
    return () => {
      for (const { event, listener } of own) process.off(event, listener)
      for (const [event, runners] of aside) for (const runner of runners) process.on(event, runner)
    }
  }
}

function listeners(event: Event): Listener[] {
  return process.listeners(event as 'uncaughtException') as Listener[]
}
