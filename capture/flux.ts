import type { Stats } from './record/recorder.ts'
import { runtime } from './runtime.ts'
import { start } from './start.ts'
import { express } from './trigger/middleware.ts'
import { wrap } from './trigger/wrap.ts'

const NOTHING: Stats = { seen: 0, kept: 0, dropped: {}, unattributed: 0, failedWrites: 0 }

/** What a program may tell Flux, and ask of it. All of it is safe where Flux is off. */
export const flux = {
  wrap,
  express,
  start,
  /** Keeps the current execution, however it ends. @returns whether there is one to keep */
  keep(): boolean {
    return runtime.recorder?.keep() ?? false
  },
  /** What this process has captured so far. */
  stats(): Stats {
    return runtime.recorder?.stats() ?? NOTHING
  },
} as const
