import type { ClockRead, Draw, Effect, Outcome, Transaction } from 'flux-fixtures'

/** Hears how a performed effect goes. Every method returns at once and never throws into the caller. */
export interface Observer {
  /** The request in full, where its body was not known at the call. */
  asked(request: unknown): void
  /** Bytes of the request left the process. */
  sent(): void
  /**
   * Payload is about to be held in memory.
   * @returns milliseconds since the execution began, or undefined when it is not to be held: nobody records, or no longer
   */
  keep(bytes: number): number | undefined
  /** The library is used in a way that cannot be recorded: the recording is dropped with the reason. */
  unsupported(reason: string): void
  /**
   * A stream: its head is being delivered now.
   * @param soFar its outcome should the execution end before the stream: a failure with what has arrived, growing in place
   */
  began(soFar?: Outcome): void
  /** It is being delivered now (for a stream: its last byte), in the shape that {@link Call.answer} takes. */
  settled(outcome: Outcome): void
}

/** A recorded outcome on its way to the program. */
export interface Answer {
  readonly outcome: Exclude<Outcome, { status: 'pending' }>
  /**
   * A stream: resolves when its last byte may be delivered. Resolved already where there is no
   * stream. Read it once what comes before was delivered: from then on its turn may come.
   */
  readonly end: Promise<void>
  /**
   * A stream: resolves, in a macrotask of its own, when the program's time has come to a recorded moment; in the next
   * macrotask when it has gone by, or where the answer has no place in time.
   * @param at milliseconds since the execution began, such as the moment a chunk arrived
   */
  until(at: number): Promise<void>
  /** A stream: its end was heard of in the turn of the loop in which its head was, with nothing between them. */
  readonly isWhole?: boolean
}

/** Where an answer comes from. */
export interface Reply {
  /**
   * Resolves when the recorded completion is released, in recorded order, in a macrotask of its own; never rejects.
   * @param request the request in full, where its body was not known at the call
   */
  answer(request?: unknown): Promise<Answer>
}

/** One crossing of a boundary. */
export interface Call<R> {
  readonly effect: Effect
  readonly transaction?: Transaction
  /** Do it for real; the caller gets the driver's own object, in the driver's own time. */
  perform(observer: Observer): R
  /** Hand a recorded outcome to the driver's own decoder. */
  answer(reply: Reply): R
  /** What an empty answer looks like: no rows, 204. Used to probe beyond a recording, never shown as recorded. */
  readonly blank: Outcome & { status: 'returned' }
  /** Not an effect that a replay must account for: a successful connect is implied by what follows. */
  readonly implied?: boolean
}

/** The globals of the program: the process's own, or those of a jest sandbox. */
export interface Realm {
  readonly global: typeof globalThis
  readonly process: NodeJS.Process
}

/** What a boundary may use. It never learns the mode. */
export interface Host {
  readonly realm: Realm
  cross<R>(call: Call<R>): R
  /** A clock read; `real` is called when nothing answers. */
  read<V extends number | string>(kind: ClockRead['kind'], real: () => V): V
  /** A draw of randomness; `real` is called when nothing answers. */
  draw<V extends number | string>(kind: Draw['kind'], size: number | string | undefined, real: () => V): V
  /** An environment variable; `real` is its value in this process. */
  variable(name: string, real: string | undefined): string | undefined
  /**
   * A timer that the program sets, where one is noted. Its firings have places among the completions.
   * @param delay milliseconds
   * @returns to be called each time it fires, before the program's callback; false once nobody notes it any more
   */
  timer(delay: number, repeats: boolean): (() => boolean) | undefined
  /** A line the program logged. */
  log(level: 'debug' | 'info' | 'log' | 'warn' | 'error', args: readonly unknown[]): void
  /** Replaces a property, keeping name, length and own properties; undone with the rest of the installation. */
  patch<T extends object, K extends keyof T>(target: T, key: K, replace: (original: T[K]) => T[K]): void
  /** Defines a property with a descriptor of the caller's making; undone with the rest of the installation. */
  define(target: object, key: PropertyKey, descriptor: PropertyDescriptor): void
  /** Calls `install` once per matching prototype, when the first instance of it (an EventEmitter) is made. */
  discover(matches: (prototype: object) => boolean, install: (prototype: object) => void): void
  /** Runs what a library does for itself while it answers, as it does while it performs: nothing of it is on the tape. */
  inside<R>(step: () => R): R
  /** Runs a library that crosses on its caller's behalf: what it asks is on the tape, the clocks it reads are not. */
  library<R>(step: () => R): R
  /**
   * Binds a callback to the caller's place in its execution, for what a driver would call elsewhere.
   * @param seen keeps the caller's stack as well: where the callback crosses on the caller's behalf, as a pool's does
   */
  carry<A extends unknown[], R>(callback: (...args: A) => R, seen?: boolean): (...args: A) => R
}

/** One library's edge. A folder under `boundaries/` exports one as `boundary`. */
export interface Boundary {
  readonly name: string
  /** npm ranges by package; empty for what is part of Node. */
  readonly supports: Readonly<Record<string, string>>
  /** Nothing of it is ever answered: only where something is recorded has it work to do. */
  readonly answersNothing?: true
  install(host: Host): void
}
