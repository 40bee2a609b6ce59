/** Faults of order: what may answer, when, and after what. */
import type { Catcher, Fault } from './fault.ts'

const RELEASE: Catcher = { file: 'replay/release.test.ts' }
const PROGRAMS: Catcher = { programs: 40 }
const verdict = (name: string): Catcher => ({ file: 'replay/replay.test.ts', name })

export const releasing: readonly Fault[] = [
  {
    name: 'order: the recorded order is ignored, answers come as they were asked for',
    file: 'replay/release.ts',
    before: 'return steps.sort((a, b) => a.order - b.order)',
    after: 'return steps',
    tests: [PROGRAMS],
  },
  {
    name: 'gating: every answer is released at once',
    file: 'replay/release.ts',
    before: 'if (placed) this.#ready.set(entry, { due, happen: head })',
    after: 'if (placed) head()',
    tests: [PROGRAMS],
  },
  {
    name: 'gating: what is not first in the recorded order may come as well',
    file: 'replay/release.ts',
    before: 'isFirst: index === 0',
    after: 'isFirst: index >= 0',
    tests: [RELEASE],
  },
  {
    name: 'gating: the end of a stream does not wait for its turn',
    file: 'replay/release.ts',
    before: 'return new Promise(resolve => this.#ready.set(entry, { due, happen: resolve }))',
    after: 'return due < 0 ? this.#until(due) : DONE',
    tests: [PROGRAMS],
  },
  {
    name: 'chunks: their moments are ignored',
    file: 'replay/release.ts',
    before: 'due !== undefined && at + shift > this.#time.now ?',
    after: 'Number.isNaN(at) ?',
    tests: [verdict('chunks come')],
  },
  {
    name: 'order: events of one turn are not known as such',
    file: 'replay/release.ts',
    before: 'this.#joined = new Set(joined)',
    after: 'this.#joined = new Set(joined.slice(0, 0))',
    tests: [RELEASE],
  },
  {
    name: 'order: an answer whose turn has gone by comes within the call',
    file: 'replay/release.ts',
    before: 'else this.#immediate.push(head)',
    after: 'else head()',
    tests: [RELEASE],
  },
  {
    name: 'time: what happens does not move it on',
    file: 'replay/release.ts',
    before: 'this.#time.advanceTo(ready.due)',
    after: '',
    tests: [RELEASE],
  },
  {
    name: 'time: a call takes place at its recorded time, however late the run is',
    file: 'replay/release.ts',
    before: 'crossing.lastEvent + issuedAt - before',
    after: 'issuedAt + 0 * before',
    tests: [RELEASE],
  },
  {
    name: 'orphans: what nobody asks for blocks what stands behind it',
    file: 'replay/player.ts',
    before: 'if (next) return this.#release.skip()',
    after: '',
    tests: [verdict('what nobody asks for')],
  },
  {
    name: 'orphans: what nobody asks for is skipped while the program still works',
    file: 'replay/player.ts',
    before: 'if (!quiet && !this.#quiet.isSpinning) return',
    after: '',
    tests: [verdict('time stands still')],
  },
  {
    name: 'pending: what never came back is answered',
    file: 'replay/player.ts',
    before: 'return new Promise(() => {})',
    after: "return this.#release.soon({ status: 'returned', value: null })",
    tests: [verdict('what never came back')],
  },
  {
    name: 'quiet: native work is not seen',
    file: 'replay/clock/quiet.ts',
    before: 'immediates > 0 || requests > 0 ||',
    after: 'immediates > 0 ||',
    tests: [{ file: 'replay/clock/quiet.test.ts' }],
  },
  {
    name: 'quiet: other threads are not seen',
    file: 'replay/clock/quiet.ts',
    before: 'portsIn(listed) <= this.#ports',
    after: 'portsIn(listed) >= this.#ports',
    tests: [{ file: 'replay/clock/quiet.test.ts', name: 'another thread' }],
  },
  {
    name: 'quiet: compression is not seen',
    file: 'replay/clock/quiet.ts',
    before: 'jobs.set(this.getAsyncId(), UNTIL_CALLED)',
    after: 'jobs.delete(this.getAsyncId())',
    tests: [{ file: 'replay/clock/quiet.test.ts', name: 'compression' }],
  },
  {
    name: 'quiet: rest after a single turn',
    file: 'replay/clock/quiet.ts',
    before: 'const QUIET_TURNS = 3',
    after: 'const QUIET_TURNS = 1',
    tests: [PROGRAMS, { file: 'replay/clock/quiet.test.ts' }],
  },
]
