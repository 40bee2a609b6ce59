/** Faults of the recorder's part: a tape that says something else than what happened. */
import type { Catcher, Fault } from './fault.ts'

const CROSS: Catcher = { file: 'capture/cross.test.ts' }
const PROGRAMS: Catcher = { programs: 40 }

export const capturing: readonly Fault[] = [
  {
    name: 'capture: parallel calls have one causal path',
    file: 'capture/cross.ts',
    before: 'childPath(frame.path, frame.children++)',
    after: 'childPath(frame.path, frame.children)',
    tests: [CROSS],
  },
  {
    name: 'capture: what follows a call is asked from above it',
    file: 'capture/cross.ts',
    before: 'const advance = !call.implied && frame !== runtime.ambient',
    after: 'const advance = call.implied === true && frame !== runtime.ambient',
    tests: [PROGRAMS],
  },
  {
    name: 'capture: what a driver asks within a call is on the tape as well',
    file: 'capture/cross.ts',
    before: 'const result = runtime.frames.run({ ...frame, inside: true }, () => call.perform(observer))',
    after: 'const result = runtime.frames.run({ ...frame, inside: false }, () => call.perform(observer))',
    tests: [{ file: 'capture/boundaries/undici/undici.test.ts' }],
  },
  {
    name: 'capture: the clocks that a library reads are on the tape',
    file: 'capture/cross.ts',
    before: 'if (!frame.library) frame.execution.noteRead',
    after: 'frame.execution.noteRead',
    tests: [{ file: 'test/honesty.test.ts', name: 'time' }],
  },
  {
    name: 'capture: draws are not noted',
    file: 'capture/cross.ts',
    before: 'frame.execution.noteDraw(kind, size, value, frame.path)',
    after: '',
    tests: [PROGRAMS],
  },
  {
    name: 'capture: completions are numbered as they were issued',
    file: 'capture/execution.ts',
    before: 'entry.completion = this.#place()',
    after: 'entry.completion = this.#place() * 0 + entry.index + 1',
    tests: [PROGRAMS],
  },
  {
    name: 'capture: firings of timers are not noted',
    file: 'capture/execution.ts',
    before: 'fired.push({ completion: execution.#place(), at: execution.elapsed() })',
    after: 'execution.#place()',
    tests: [PROGRAMS],
  },
  {
    name: 'capture: a callback runs outside its execution',
    file: 'capture/cross.ts',
    before: 'return within(bound, callback, this, args)',
    after: 'return within(bound.execution ? OUTSIDE : bound, callback, this, args)',
    tests: [{ file: 'capture/boundaries/pg/pg.test.ts' }],
  },
  {
    name: 'capture: over a limit half a recording is kept',
    file: 'capture/execution.ts',
    before: "this.drop('effects')",
    after: '',
    tests: [CROSS],
  },
  {
    name: 'capture: a failure is marked as if nothing had come back before it',
    file: 'capture/execution.ts',
    before: '{ afterCompletion: this.completions, afterIssue',
    after: '{ afterCompletion: 0 * this.completions, afterIssue',
    tests: [{ file: 'test/verdicts.test.ts', name: 'a fix that asks the failing call differently' }],
  },
  {
    name: 'capture: a failure is marked visible again and again',
    file: 'capture/execution.ts',
    before: 'this.visible ??= {',
    after: 'this.visible = {',
    tests: [CROSS],
  },
]
