/** Random asynchronous programs as plain data. */
import seedrandom from 'seedrandom'

export interface Ask {
  readonly do: 'ask'
  readonly site: number
  /** `late`: its request is known after the call. `stream`: head and end. `abortable`: hears the signal around it. */
  readonly kind: 'read' | 'write' | 'late' | 'stream' | 'abortable'
  /** Part of the request; `last` and `draw` are taken from an earlier answer and from randomness. */
  readonly key: number | 'last' | 'draw'
  readonly failing: 'caught' | 'thrown' | 'retried'
}

export interface Wait {
  readonly do: 'wait'
  readonly by: 'await' | 'microtasks' | 'nextTick' | 'immediate' | 'sleep'
  readonly count: number
}

export type Step =
  | Ask
  | Wait
  | { readonly do: 'all' | 'race' | 'any' | 'settled'; readonly branches: readonly Step[][] }
  | { readonly do: 'fan'; readonly count: number; readonly body: Step[] }
  | { readonly do: 'pool'; readonly workers: number; readonly jobs: number; readonly body: Step[] }
  | { readonly do: 'hedge'; readonly ask: Ask; readonly wait: Wait }
  | { readonly do: 'batch'; readonly site: number; readonly keys: readonly number[]; readonly by: Wait['by'] }
  | { readonly do: 'abort'; readonly body: Step[]; readonly by: Step[] }
  | { readonly do: 'generate'; readonly count: number; readonly ask: Ask; readonly body: Step[] }
  | { readonly do: 'emit'; readonly listeners: number; readonly ask: Ask; readonly body: Step[] }
  | { readonly do: 'branch'; readonly even: Step[]; readonly odd: Step[] }
  | { readonly do: 'clock'; readonly site: number; readonly of: 'date' | 'performance' | 'hrtime' }
  | { readonly do: 'draw'; readonly site: number; readonly of: 'math' | 'uuid' | 'bytes' | 'int' }

/** What the generator may use. */
export interface Grammar {
  /** What programs do not do: names of steps, of waits and of kinds of effects. */
  readonly without: readonly string[]
}

const MIN_ASKS = 3
const MAX_ASKS = 40
const MAX_DEPTH = 3

/** The program of a seed. The same seed gives the same program. */
export function generate(seed: string, grammar: Grammar): Step[] {
  for (let attempt = 0; ; attempt++) {
    const program = new Generator(seedrandom(`${seed}/${attempt}`), grammar).steps(MAX_DEPTH)
    const asks = askCount(program)
    if (asks >= MIN_ASKS && asks <= MAX_ASKS) return program
  }
}

/** How many effects a program asks at most, retries left out. */
export function askCount(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + asksOf(step), 0)
}

function asksOf(step: Step): number {
  switch (step.do) {
    case 'ask':
    case 'batch':
      return 1
    case 'hedge':
      return 2
    case 'fan':
      return step.count * askCount(step.body)
    case 'pool':
      return step.jobs * askCount(step.body)
    case 'generate':
      return step.count * (1 + askCount(step.body))
    case 'emit':
      return 1 + step.listeners * askCount(step.body)
    default:
      return listsOf(step).reduce((sum, list) => sum + askCount(list), 0)
  }
}

/** The lists of steps directly within a step. */
export function listsOf(step: Step): Step[][] {
  switch (step.do) {
    case 'all':
    case 'race':
    case 'any':
    case 'settled':
      return [...step.branches]
    case 'fan':
    case 'pool':
    case 'generate':
    case 'emit':
      return [step.body]
    case 'abort':
      return [step.body, step.by]
    case 'branch':
      return [step.even, step.odd]
    default:
      return []
  }
}

export class Generator {
  readonly #random: () => number
  readonly #grammar: Grammar
  #sites = 0

  constructor(random: () => number, grammar: Grammar, firstSite = 0) {
    this.#random = random
    this.#grammar = grammar
    this.#sites = firstSite
  }

  steps(depth: number, most = 4): Step[] {
    return Array.from({ length: this.below(most) + 1 }, () => this.#step(depth))
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  pick<T>(...choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }

  #allowed<T extends string>(...choices: T[]): T[] {
    return choices.filter(choice => !this.#grammar.without.includes(choice))
  }

  ask(): Ask {
    const kind = this.pick<Ask['kind']>(
      ...this.#allowed('read', 'read', 'read', 'write', 'late', 'stream', 'abortable'),
    )
    const key = this.pick<Ask['key']>(0, 0, 1, 2, 'last', 'draw')
    const failing = this.pick<Ask['failing']>('caught', 'caught', 'retried', 'retried', 'thrown')
    return { do: 'ask', site: this.#sites++, kind, key, failing }
  }

  wait(): Wait {
    const by = this.pick<Wait['by']>(
      ...this.#allowed('await', 'await', 'microtasks', 'nextTick', 'immediate', 'sleep', 'sleep'),
    )
    return { do: 'wait', by, count: by === 'sleep' ? this.below(5) : 1 + this.below(3) }
  }

  #step(depth: number): Step {
    const leaf = depth === 0 || this.#random() < 0.5
    if (leaf) return this.pick<() => Step>(...Array(6).fill(() => this.ask()), ...this.#leaves())()
    return this.pick(...this.#nodes(depth - 1))()
  }

  #leaves(): (() => Step)[] {
    const clock = this.pick('date', 'performance', 'hrtime') as 'date'
    const draw = this.pick('math', 'uuid', 'bytes', 'int') as 'math'
    return [
      () => this.wait(),
      () => this.wait(),
      () => ({ do: 'clock', site: this.#sites++, of: clock }),
      () => ({ do: 'draw', site: this.#sites++, of: draw }),
    ]
  }

  #nodes(depth: number): (() => Step)[] {
    const body = () => this.steps(depth, 3)
    const joined = (name: 'all' | 'race' | 'any' | 'settled') => (): Step => ({
      do: name,
      branches: Array.from({ length: 2 + this.below(3) }, body),
    })
    return [
      joined('all'),
      joined('all'),
      joined('race'),
      joined('any'),
      joined('settled'),
      () => ({ do: 'fan', count: 2 + this.below(4), body: body() }),
      () => ({ do: 'fan', count: 2 + this.below(4), body: body() }),
      () => ({ do: 'pool', workers: 2 + this.below(2), jobs: 3 + this.below(4), body: body() }),
      () => ({ do: 'hedge', ask: this.ask(), wait: this.wait() }),
      () => this.#batch(),
      () => ({ do: 'fan', count: 2 + this.below(3), body: [...body(), this.#batch()] }),
      () => ({
        do: 'abort',
        body: [...body(), { ...this.ask(), kind: this.#allowed('abortable' as const)[0] ?? 'read' }],
        by: body(),
      }),
      () => ({ do: 'generate', count: 1 + this.below(3), ask: this.ask(), body: body() }),
      () => ({ do: 'emit', listeners: 1 + this.below(3), ask: this.ask(), body: body() }),
      () => ({ do: 'branch', even: body(), odd: body() }),
    ]
  }

  #batch(): Step {
    const keys = Array.from({ length: 1 + this.below(4) }, () => this.below(4))
    return {
      do: 'batch',
      site: this.#sites++,
      keys,
      by: this.pick<Wait['by']>(...this.#allowed('microtasks', 'nextTick', 'immediate')),
    }
  }
}
