/** Faults of time and randomness: clocks, timers, draws. */
import type { Catcher, Fault } from './fault.ts'

const INSTANTS: Catcher = { file: 'replay/instants.test.ts' }
const PROGRAMS: Catcher = { programs: 40 }
const verdict = (name: string): Catcher => ({ file: 'replay/replay.test.ts', name })

export const timing: readonly Fault[] = [
  {
    name: 'time: it runs backwards',
    file: 'replay/clock/time.ts',
    before: 'if (milliseconds > this.#now) this.#now = milliseconds',
    after: 'this.#now = milliseconds',
    tests: [INSTANTS],
  },
  {
    name: 'reads: one that virtual time has left behind is served',
    file: 'replay/instants.ts',
    before: 'if (isBehind || time <',
    after: 'if ((isBehind && time < 0) || time <',
    tests: [INSTANTS],
  },
  {
    name: 'reads: one that lies before a derived one is served',
    file: 'replay/instants.ts',
    before: 'isBehind || time < (this.#made.get(kind) ?? time)',
    after: 'isBehind',
    tests: [INSTANTS],
  },
  {
    name: 'reads: what is read does not move time on',
    file: 'replay/instants.ts',
    before: 'this.#time.advanceTo(elapsed)',
    after: '',
    tests: [INSTANTS],
  },
  {
    name: 'reads: they are served in any order',
    file: 'replay/instants.ts',
    before: 'const at = left.findIndex(instant => instant.path === path)',
    after: 'const at = left.findIndex(instant => instant.path !== undefined || path === undefined)',
    tests: [INSTANTS],
  },
  {
    name: 'reads: one from another part of the run is served',
    file: 'replay/instants.ts',
    before: 'left.findIndex(instant => instant.after === position) : at',
    after: 'left.findIndex(instant => instant.after >= 0 || position < 0) : at',
    tests: [INSTANTS],
  },
  {
    name: 'reads: a loop that waits for the clock does not end',
    file: 'replay/instants.ts',
    before: 'this.#time.advanceTo(this.#time.now + 1)',
    after: 'this.#derived = 0',
    tests: [INSTANTS],
  },
  {
    name: 'reads: those of a library are taken from the tape',
    file: 'replay/player.ts',
    before: 'if (own) return this.#reads.virtual(kind)',
    after: 'void own',
    tests: [verdict('the clocks that a library reads')],
  },
  {
    name: 'draws: the generator draws from the first on',
    file: 'replay/instants.ts',
    before: 'takeAt(this.#left.get(keyOf(kind, size)), path, position)?.value ?? this.#generate(kind, size)',
    after: 'takeAt<Draw>(undefined, path, position)?.value ?? this.#generate(kind, size)',
    tests: [PROGRAMS],
  },
  {
    name: 'draws: beyond the recording they differ from run to run',
    file: 'replay/instants.ts',
    before: 'seedrandom(this.#seed)',
    after: 'seedrandom(`${this.#seed} ${process.hrtime.bigint()}`)',
    tests: [INSTANTS],
  },
  {
    name: 'timers: recorded ones fire by their delay',
    file: 'replay/clock/schedule.ts',
    before: 'if (course) return this.#follow(timer, course)',
    after: 'if (course && timer.delay < 0) return this.#follow(timer, course)',
    tests: [verdict('a recorded timer')],
  },
  {
    name: 'timers: of those without a place the last fires first',
    file: 'replay/clock/schedule.ts',
    before: 'if (!first || scheduled.due < first.due) first = scheduled',
    after: 'if (!first || scheduled.due > first.due) first = scheduled',
    tests: [verdict('timers that production never set')],
  },
  {
    name: 'timers: the horizon is removed',
    file: 'replay/player.ts',
    before: 'if (moved.due > this.schedule.horizon) return this.#stop()',
    after: '',
    tests: [verdict('what never came back')],
  },
  {
    name: 'timers: what is waited for is not named',
    file: 'replay/clock/schedule.ts',
    before: "known.length === 0 ? 'waiting'",
    after: "known.length >= 0 ? 'waiting'",
    tests: [verdict('what never came back')],
  },
  {
    name: 'timers: a cleared one fires',
    file: 'replay/clock/schedule.ts',
    before: 'if (at >= 0) this.#free.splice(at, 1)',
    after: 'if (at >= 0 && timer.delay < 0) this.#free.splice(at, 1)',
    tests: [verdict('timers that production never set')],
  },
  {
    name: 'timers: the callback has lost where it was set',
    file: 'replay/clock/timers.ts',
    before: 'resource.runInAsyncScope(() => {',
    after: "new AsyncResource(resource ? 'Lost' : 'None').runInAsyncScope(() => {",
    tests: [verdict("a timer's callback")],
  },
]
