/** Faults of the match: what answers what, and how often. */
import type { Catcher, Fault } from './fault.ts'

const MATCHING: Catcher = { file: 'replay/matching.test.ts' }
const PROGRAMS: Catcher = { programs: 40 }
const verdict = (name: string): Catcher => ({ file: 'replay/replay.test.ts', name })

export const matching: readonly Fault[] = [
  {
    name: 'consumed: a recorded entry answers twice',
    file: 'replay/matching.ts',
    before: '      this.#consume(this.#unconsumed, found.entry)',
    after: '      this.consumed.add(found.entry)',
    tests: [PROGRAMS],
  },
  {
    name: 'consumed: an authored or borrowed entry answers twice',
    file: 'replay/matching.ts',
    before: 'this.#consume(this.#added, added.entry)',
    after: 'this.consumed.add(added.entry)',
    tests: [verdict('an authored entry')],
  },
  {
    name: 'signature: the request body is ignored',
    file: 'fixtures/match.ts',
    before: '\\n${canonical(effect.request as Json)}`',
    after: '`',
    tests: [verdict('another request')],
  },
  {
    name: 'signature: the order of keys counts',
    file: 'fixtures/match.ts',
    before: 'Object.keys(content).sort()',
    after: 'Object.keys(content)',
    tests: [{ file: 'fixtures/match.test.ts' }],
  },
  {
    name: 'signature: how a body was cut and counted counts',
    file: 'fixtures/match.ts',
    before: "value.$flux === 'Body' ? bodyContent(value) : value",
    after: 'value',
    tests: [{ file: 'fixtures/match.test.ts' }],
  },
  {
    name: 'path: the causal path is ignored',
    file: 'fixtures/match.ts',
    before: 'candidates.find(candidate => candidate.entry.path === path) ??',
    after: '',
    tests: [MATCHING],
  },
  {
    name: 'path: its parent is ignored',
    file: 'fixtures/match.ts',
    before: 'candidate => parentOf(candidate.entry.path) === parentOf(path)',
    after: 'candidate => parentOf(candidate.entry.path) === path',
    tests: [MATCHING],
  },
  {
    name: 'ambiguous: a pick among different answers is not flagged',
    file: 'fixtures/match.ts',
    before: 'return { entry: picked.entry, ambiguous }',
    after: 'return { entry: picked.entry, ambiguous: ambiguous && false }',
    tests: [PROGRAMS],
  },
  {
    name: 'ambiguous: the flag does not become a warning',
    file: 'replay/judge.ts',
    before: '      ...ambiguous(run),',
    after: '      ...ambiguous(run).slice(1),',
    tests: [verdict('equal requests')],
  },
  {
    name: 'bound: an id binds, and is another one later',
    file: 'replay/matching.ts',
    before: 'bindings.accept(bound)',
    after: '',
    tests: [MATCHING],
  },
  {
    name: 'bound: answers keep the recorded id',
    file: 'replay/matching.ts',
    before: 'bindings.toReplayed(value as Json)',
    after: 'value as Json',
    tests: [MATCHING],
  },
  {
    name: 'bound: an id that a draw or an input explains binds as well',
    file: 'replay/matching.ts',
    before: 'new Bindings(explainedBy(this.#fixture))',
    after: 'new Bindings({ ...explainedBy(this.#fixture), recorded: () => false, asked: () => false })',
    tests: [MATCHING],
  },
  {
    name: 'borrowed: answered although another write came before it',
    file: 'replay/matching.ts',
    before: 'own === signature && this.#isInOrder(entry)',
    after: 'own === signature && (this.#isInOrder(entry) || true)',
    tests: [MATCHING],
  },
  {
    name: 'authored: an entry with blanks answers',
    file: 'replay/plan.ts',
    before: ' && !entry.unfilled),',
    after: '),',
    tests: [verdict('an authored entry')],
  },
  {
    name: 'authored: what the request states need not hold',
    file: 'fixtures/match.ts',
    before: 'isWithin(request as Json, effect.request as Json)',
    after: '(isWithin(request as Json, effect.request as Json) || true)',
    tests: [{ file: 'fixtures/match.test.ts' }],
  },
]
