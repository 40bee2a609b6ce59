import type {
  Ambient,
  ClockRead,
  Draw,
  Effect,
  Entry,
  Firing,
  Log,
  Outcome,
  Place,
  Timer,
  Transaction,
} from 'flux-fixtures'
import { appLine } from './app-line.ts'
import type { Call, Observer } from './boundary.ts'
import type { Player } from './player.ts'
import { currentTurn, hrtimeAt, performanceNow, realNow } from './real-clock.ts'

/** Bounds of one execution in memory; over one of them the whole recording is dropped and counted. */
export interface Limits {
  readonly effects: number
  readonly instants: number
  readonly logs: number
  readonly bytes: number
}

/** A captured stack, formatted only when the recording is kept. */
export interface Site {
  readonly stack?: string
}

interface OpenEntry extends Omit<Place, 'line' | 'index'> {
  index: number
  effect: Effect
  outcome: Outcome
  bytesSent: boolean
  completedAt?: number
  completion?: number
  end?: number
  endedAt?: number
  readonly transaction?: Transaction
  readonly site: Site
}

/** Beyond these a timer is not noted: its place is told by the time it was set at. */
const MAX_TIMERS = 1_000
const MAX_FIRINGS = 1_000

/** Hears nothing: for calls that are nobody's. */
export const EMPTY: Observer = {
  asked() {},
  sent() {},
  keep: () => undefined,
  unsupported() {},
  began() {},
  settled() {},
}

/** One run of the program from its trigger to its end: what it asked, read, drew and logged, in order. */
export class Execution {
  readonly id: string
  readonly player: Player | undefined
  readonly startedAt: number
  readonly #origin = performanceNow()
  readonly #limits: Limits
  readonly #entries: OpenEntry[] = []
  readonly reads: ClockRead[] = []
  readonly draws: Draw[] = []
  readonly timers: Timer[] = []
  /** Events that happened in the turn of the loop in which the one before them did. */
  readonly joined: number[] = []
  readonly env = new Map<string, string | null>()
  readonly logs: Log[] = []
  issued = 0
  completions = 0
  pending = 0
  /** Effects outside any execution while this one ran. */
  unattributed = 0
  /** The error last seen to leave the app's code, such as one given to `next`. */
  error: unknown
  /** How far the execution was when its failure became visible: a 5xx head was written, or the throw left the entry. */
  visible: { readonly afterCompletion: number; readonly afterIssue: number } | undefined
  /** Why the recording can not be kept, once it can not. */
  dropped: string | undefined
  /** Called each time the last pending effect settles. */
  onIdle: (() => void) | undefined
  readonly #open: { execution: Execution | undefined } = { execution: this }
  #turn = -1
  #bytes = 0
  #closed = false

  constructor(id: string, options: { player?: Player; startedAt?: number; limits: Limits }) {
    this.id = id
    this.player = options.player
    this.startedAt = options.startedAt ?? realNow()
    this.#limits = options.limits
  }

  /** What the clocks without a date read when the execution began. */
  get origin(): { readonly performance: number; readonly hrtime: string } {
    return { performance: this.#origin, hrtime: hrtimeAt(this.#origin) }
  }

  /** Milliseconds since the execution began, on the real clock. */
  elapsed(): number {
    return Math.round((performanceNow() - this.#origin) * 1000) / 1000
  }

  /** Puts a call on the tape and returns what hears how it goes. An implied call takes a place only when it fails. */
  open(call: Call<unknown>, path: string, site: Site): Observer {
    if (this.#closed || this.dropped !== undefined) return EMPTY
    if (this.#entries.length >= this.#limits.effects) {
      this.drop('effects')
      return EMPTY
    }
    const index = call.implied ? -1 : this.issued++
    const issuedAt = this.elapsed()
    const entry: OpenEntry = {
      index,
      path,
      issuedAt,
      site,
      effect: call.effect,
      outcome: { status: 'pending' },
      bytesSent: false,
      ...(call.transaction && { transaction: call.transaction }),
    }
    if (!call.implied) this.#entries.push(entry)
    this.pending++
    return this.#observe(entry, call.implied === true)
  }

  #observe(entry: OpenEntry, implied: boolean): Observer {
    let settled = false
    return {
      asked: request => {
        entry.effect = { ...entry.effect, request }
      },
      sent: () => {
        entry.bytesSent = true
      },
      keep: bytes => {
        if (this.#closed) return undefined
        this.hold(bytes)
        return this.dropped === undefined ? this.elapsed() : undefined
      },
      unsupported: reason => {
        this.drop(reason)
        if (settled) return
        settled = true
        if (--this.pending === 0) this.onIdle?.()
      },
      began: soFar => {
        if (entry.completion === undefined) this.#complete(entry)
        if (soFar && !settled && !this.#closed) entry.outcome = soFar
      },
      settled: outcome => {
        if (settled) return
        settled = true
        if (implied && outcome.status === 'failed' && !this.#closed) {
          entry.index = this.issued++
          this.#entries.push(entry)
        }
        if (entry.index >= 0) {
          if (entry.completion === undefined) this.#complete(entry)
          else this.#end(entry)
        }
        if (!this.#closed) entry.outcome = outcome
        if (--this.pending === 0) this.onIdle?.()
      },
    }
  }

  /** The next place in the order of events. */
  #place(): number {
    const order = ++this.completions
    const turn = currentTurn()
    if (turn === this.#turn) this.joined.push(order)
    this.#turn = turn
    return order
  }

  #complete(entry: OpenEntry): void {
    entry.completion = this.#place()
    entry.completedAt = this.elapsed()
  }

  #end(entry: OpenEntry): void {
    entry.end = this.#place()
    entry.endedAt = this.elapsed()
  }

  /** Accounts for payload kept in memory. */
  hold(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#limits.bytes) this.drop('bytes')
  }

  /** Payload in memory, in bytes. */
  get held(): number {
    return this.#bytes
  }

  noteRead(kind: ClockRead['kind'], value: number | string, path: string): void {
    if (this.#closed) return
    if (this.reads.length >= this.#limits.instants) return this.drop('reads')
    this.reads.push({ kind, value, after: this.completions, path })
  }

  noteDraw(kind: Draw['kind'], size: number | string | undefined, value: number | string, path: string): void {
    if (this.#closed) return
    if (this.draws.length >= this.#limits.instants) return this.drop('draws')
    this.draws.push({ kind, ...(size !== undefined && { size }), value, after: this.completions, path })
  }

  /** A timer is set. Returns what is to be told each time it fires, unless it is not noted. */
  noteTimer(delay: number, repeats: boolean, path: string): (() => boolean) | undefined {
    if (this.#closed || this.dropped !== undefined || this.timers.length >= MAX_TIMERS) return undefined
    const fired: Firing[] = []
    const issuedAt = this.elapsed()
    this.timers.push({ delay, ...(repeats && { repeats }), issuedAt, after: this.completions, path, fired })
    // A timer may outlive its execution by hours, and must not keep it in memory.
    const open = this.#open
    return () => {
      const execution = open.execution
      if (!execution || fired.length >= MAX_FIRINGS) return false
      fired.push({ completion: execution.#place(), at: execution.elapsed() })
      return true
    }
  }

  noteVariable(name: string, value: string | undefined): void {
    if (!this.#closed && !this.env.has(name)) this.env.set(name, value ?? null)
  }

  noteLog(level: Log['level'], text: string): void {
    if (this.#closed) return
    if (this.logs.length >= this.#limits.logs) return this.drop('logs')
    this.hold(text.length)
    if (this.dropped === undefined) this.logs.push({ level, text, at: this.elapsed() })
  }

  /** An error left the app's code, or was dealt with (undefined). Once the failure is visible none is heard. */
  hear(error: unknown): void {
    if (this.visible === undefined) this.error = error
  }

  /** The failure is visible from here on; the first call counts. */
  markVisible(): void {
    this.visible ??= { afterCompletion: this.completions, afterIssue: this.issued }
  }

  drop(reason: string): void {
    if (this.dropped !== undefined) return
    this.dropped = reason
    this.#entries.length = 0
    this.reads.length = 0
    this.draws.length = 0
    this.timers.length = 0
    this.joined.length = 0
    this.logs.length = 0
  }

  /** Nothing is noted from here on. */
  close(): void {
    this.#closed = true
    this.#open.execution = undefined
  }

  get closed(): boolean {
    return this.#closed
  }

  /** What was asked so far, without the cost of {@link entries}. */
  get asked(): readonly { readonly effect: Effect }[] {
    return this.#entries
  }

  /** The tape so far. */
  entries(): Entry[] {
    return this.#entries.map(({ site, ...entry }) => {
      const line = appLine(site.stack)
      return line === undefined ? entry : { ...entry, line }
    })
  }

  /** What an ambient execution contributes to the recordings of its process. */
  ambient(earlier: readonly string[]): Ambient {
    return {
      startedAt: this.startedAt,
      effects: this.entries(),
      reads: [...this.reads],
      draws: [...this.draws],
      env: Object.fromEntries(this.env),
      earlier,
      ...(this.dropped !== undefined && { truncated: true }),
    }
  }
}
