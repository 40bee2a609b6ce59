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
   * @param heard told of each error and whether it ends the process, as those who listen at that moment decide; false when it is not the program's
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
    const ours = new Set<Listener>()
    const own = EVENTS.map(event => {
      const listener: Listener = (error, ...rest) => {
        const fatal = isFatal(event, ours)
        const isTaken = heard(error, fatal, event)
        if (!fatal) promote(event, error, ours)
        if (isTaken) return
        const runners = aside.get(event) ?? []
        if (fatal && runners.length === 0) throw error
        for (const runner of runners) runner.call(process, error, ...rest)
      }
      ours.add(listener)
      // First of all: a listener for one time is gone when its turn has come.
      process.prependListener(event as 'uncaughtException', listener)
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

function others(event: Event, ours: ReadonlySet<Listener>): Listener[] {
  const raw = process.rawListeners(event) as Listener[]
  return raw.filter(listener => !ours.has(listener))
}

/** Whether Node would end the process: nobody else listens. It makes an uncaught exception of an unhandled rejection. */
function isFatal(event: Event, ours: ReadonlySet<Listener>): boolean {
  const isHeard = (name: Event) => others(name, ours).length > 0
  return !isHeard('uncaughtException') && (event === 'uncaughtException' || !isHeard('unhandledRejection'))
}

/** Who listens to exceptions alone hears of a rejection there. */
function promote(event: Event, error: unknown, ours: ReadonlySet<Listener>): void {
  if (event === 'uncaughtException' || others(event, ours).length > 0) return
  for (const listener of others('uncaughtException', ours)) listener.call(process, error, event)
}
