import type { Replayed } from './check.ts'
import type { Mutant } from './mutate.ts'
import { listsOf, type Step } from './program.ts'
import type { Recorded } from './record.ts'

const now = performance.now.bind(performance)

/** What a run of the property test has seen, so that none of it held by never happening. */
export class Summary {
  readonly #counts = new Map<string, number>()
  readonly #times = new Map<string, number>()
  #slowest = 0

  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by)
  }

  async timed<T>(name: string, work: () => Promise<T>): Promise<T> {
    const started = now()
    const result = await work()
    this.#times.set(name, (this.#times.get(name) ?? 0) + now() - started)
    return result
  }

  unchanged({ program, fixture }: Recorded, replayed: Replayed | undefined, faults: readonly string[]): void {
    this.count('unchanged')
    this.count('unchanged right', faults.length === 0 ? 1 : 0)
    this.count('effects', fixture.effects.length)
    this.count(fixture.failure ? 'recorded failures' : 'recorded successes')
    for (const kind of new Set(kindsOf(program))) this.count(`programs with ${kind}`)
    this.count('unchanged orphans after the end', replayed?.verdict.orphans.length)
    this.#seen('unchanged', replayed)
  }

  mutated(_: Recorded, change: Mutant['change'], replayed: Replayed | undefined, faults: readonly string[]): void {
    this.count('mutated')
    this.count('mutated right', faults.length === 0 ? 1 : 0)
    this.count(change)
    this.#seen('mutated', replayed)
  }

  #seen(which: string, replayed: Replayed | undefined): void {
    if (!replayed) return
    this.#times.set('in replays', (this.#times.get('in replays') ?? 0) + replayed.tookMs)
    this.#slowest = Math.max(this.#slowest, replayed.tookMs)
    this.count(`${which} verdict ${replayed.verdict.result}`)
    this.count(`${which} ambiguous picks`, replayed.verdict.effects.filter(effect => effect.ambiguous).length)
  }

  toJSON(): { readonly counts: object; readonly times: object; readonly slowestMs: number } {
    const times = Object.fromEntries(Array.from(this.#times, ([name, time]) => [name, Math.round(time)]))
    return { counts: Object.fromEntries(this.#counts), times, slowestMs: Math.round(this.#slowest) }
  }
}

function kindsOf(steps: readonly Step[]): string[] {
  return steps.flatMap(step => {
    const own = step.do === 'ask' ? `ask ${step.kind}` : step.do === 'wait' ? `wait ${step.by}` : step.do
    return [own, ...listsOf(step).flatMap(kindsOf)]
  })
}
