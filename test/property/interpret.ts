/** Runs a generated program and notes everything that it is given, in order. */
import crypto from 'node:crypto'
import { EventEmitter } from 'node:events'
import type { Ask, Step, Wait } from './program.ts'
import type { Request, World } from './world.ts'

/** What a program got. */
export interface Heard {
  /** As `<place> <what> <value>`, in the order of getting it. */
  readonly events: string[]
  /** Set when it ended: what it had got by then, and how it ended. */
  ended?: {
    readonly events: readonly string[]
    readonly how: string
    /** How many effects had been performed. */
    readonly performed: number
  }
}

interface Scope {
  /** Tells the runs of one step apart: `.1.0` is the first branch of the second. */
  readonly label: string
  readonly signal: AbortSignal | undefined
  last: number
}

const ATTEMPTS = 3

/** Runs a program in a world. @returns a number that depends on every answer and on their order */
export async function interpret(program: readonly Step[], world: World, heard: Heard): Promise<number> {
  const interpreter = new Interpreter(world, heard.events)
  const end = (how: string) => {
    heard.ended = { events: [...heard.events], how, performed: world.performed }
  }
  try {
    await interpreter.run(program, { label: '', signal: undefined, last: 0 })
    end(`returned ${interpreter.sum}`)
    return interpreter.sum
  } catch (error) {
    end(`threw ${(error as Error).name}: ${(error as Error).message}`)
    throw error
  }
}

class Interpreter {
  sum = 7
  readonly #world: World
  readonly #events: string[]
  readonly #batches = new Map<string, { readonly keys: number[]; readonly answer: Promise<number> }>()

  constructor(world: World, events: string[]) {
    this.#world = world
    this.#events = events
  }

  async run(steps: readonly Step[], scope: Scope): Promise<void> {
    for (const step of steps) await this.#step(step, scope)
  }

  #note(scope: Scope, place: number | string, what: string, value: unknown): void {
    this.#events.push(`${place}${scope.label} ${what} ${String(value)}`)
    for (const sign of String(value)) this.sum = (this.sum * 31 + sign.charCodeAt(0)) % 1_000_003
  }

  #step(step: Step, scope: Scope): Promise<void> | void {
    switch (step.do) {
      case 'ask':
        return this.#ask(step, scope)
      case 'wait':
        return this.#wait(step)
      case 'all':
      case 'race':
      case 'any':
      case 'settled':
        return this.#join(step.do, step.branches, scope)
      case 'fan':
        return this.#join('all', Array(step.count).fill(step.body), scope)
      case 'pool':
        return this.#pool(step, scope)
      case 'hedge':
        return this.#hedge(step, scope)
      case 'batch':
        return this.#batch(step, scope)
      case 'abort':
        return this.#abort(step, scope)
      case 'generate':
        return this.#generate(step, scope)
      case 'emit':
        return this.#emit(step, scope)
      case 'branch':
        return this.run(scope.last % 2 === 0 ? step.even : step.odd, scope)
      case 'clock':
        return this.#note(scope, step.site, step.of, clockOf(step.of))
      case 'draw':
        return this.#note(scope, step.site, step.of, drawOf(step.of))
    }
  }

  async #ask(step: Ask, scope: Scope): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        if (step.kind === 'stream') return await this.#stream(step, scope)
        const number = await this.#world.ask(requestOf(step, scope), scope.signal)
        this.#note(scope, step.site, 'answer', number)
        scope.last = number
        return
      } catch (error) {
        this.#note(scope, step.site, 'error', (error as Error).message)
        if (step.failing === 'thrown') throw error
        if (step.failing === 'caught' || attempt === ATTEMPTS || scope.signal?.aborted) return
      }
    }
  }

  async #stream(step: Ask, scope: Scope): Promise<void> {
    const { head, end } = this.#world.stream(requestOf(step, scope))
    this.#note(scope, step.site, 'head', await head)
    const number = await end
    this.#note(scope, step.site, 'end', number)
    scope.last = number
  }

  async #wait({ by, count }: Wait): Promise<void> {
    if (by === 'sleep') return await new Promise(resolve => setTimeout(resolve, count))
    for (let hop = 0; hop < count; hop++) await hopBy(by)
  }

  async #join(how: 'all' | 'race' | 'any' | 'settled', branches: readonly Step[][], scope: Scope): Promise<void> {
    const started = branches.map(async (branch, index) => {
      const own = within(scope, index)
      await this.run(branch, own)
      return own.last
    })
    if (how === 'settled') {
      const results = await Promise.allSettled(started)
      scope.last = results.filter(result => result.status === 'fulfilled').length
    } else if (how === 'all') scope.last = (await Promise.all(started)).reduce((sum, last) => sum + last, 0)
    else scope.last = await (how === 'race' ? Promise.race(started) : Promise.any(started))
    this.#note(scope, how, 'gave', scope.last)
  }

  async #pool(step: Step & { do: 'pool' }, scope: Scope): Promise<void> {
    const queue = [...Array(step.jobs).keys()]
    const worker = async (id: number): Promise<void> => {
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
        this.#note(scope, `worker ${id}`, 'takes', job)
        await this.run(step.body, within(scope, job))
      }
    }
    await Promise.all(Array.from({ length: step.workers }, (_, id) => worker(id)))
  }

  /** The same request again when the first has not answered by then. */
  async #hedge(step: Step & { do: 'hedge' }, scope: Scope): Promise<void> {
    let answered = false
    const first = this.#ask(step.ask, within(scope, 'first')).finally(() => {
      answered = true
    })
    const second = async (): Promise<void> => {
      await this.#wait(step.wait)
      if (answered) return await first
      await this.#ask(step.ask, within(scope, 'second'))
    }
    await Promise.any([first, second()])
    this.#note(scope, 'hedge', 'over', answered)
  }

  /** Keys that are asked for by the time the batch leaves make one effect. */
  async #batch(step: Step & { do: 'batch' }, scope: Scope): Promise<void> {
    const name = `${step.site}`
    let batch = this.#batches.get(name)
    if (!batch) {
      const keys: number[] = []
      const answer = hopBy(step.by).then(() => {
        this.#batches.delete(name)
        return this.#world.ask({ kind: 'batch', key: [...keys] })
      })
      batch = { keys, answer }
      this.#batches.set(name, batch)
    }
    batch.keys.push(...step.keys)
    try {
      scope.last = await batch.answer
      this.#note(scope, step.site, 'batch', scope.last)
    } catch (error) {
      this.#note(scope, step.site, 'error', (error as Error).message)
    }
  }

  /** The body goes on until the other part is over; then it is aborted. */
  async #abort(step: Step & { do: 'abort' }, scope: Scope): Promise<void> {
    const controller = new AbortController()
    const { signal } = controller
    const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const abort = () => controller.abort()
    const other = this.run(step.by, within(scope, 'by')).then(abort, abort)
    try {
      await Promise.race([this.run(step.body, { ...within(scope, 'body'), signal }), aborted])
      this.#note(scope, 'abort', 'came late', '')
    } catch (error) {
      this.#note(scope, 'abort', 'came', (error as Error).name)
    }
    aborted.catch(() => {})
    await other
  }

  async #generate(step: Step & { do: 'generate' }, scope: Scope): Promise<void> {
    const one = async (index: number): Promise<number> => {
      const own = within(scope, `item${index}`)
      await this.#ask(step.ask, own)
      return own.last
    }
    async function* items(): AsyncGenerator<number> {
      for (let index = 0; index < step.count; index++) yield await one(index)
    }
    let index = 0
    for await (const number of items()) {
      scope.last = number
      await this.run(step.body, within(scope, index++))
    }
  }

  async #emit(step: Step & { do: 'emit' }, scope: Scope): Promise<void> {
    const emitter = new EventEmitter()
    const running: Promise<void>[] = []
    for (let index = 0; index < step.listeners; index++) {
      emitter.on('answer', (last: number) => running.push(this.run(step.body, { ...within(scope, index), last })))
    }
    await this.#ask(step.ask, scope)
    emitter.emit('answer', scope.last)
    await Promise.all(running)
  }
}

function within(scope: Scope, part: number | string): Scope {
  return { label: `${scope.label}.${part}`, signal: scope.signal, last: scope.last }
}

function requestOf({ kind, key }: Ask, { last }: Scope): Request {
  return { kind, key: key === 'last' ? last % 3 : key === 'draw' ? crypto.randomUUID() : key }
}

function hopBy(by: Wait['by']): Promise<void> {
  if (by === 'nextTick') return new Promise(resolve => process.nextTick(resolve))
  if (by === 'immediate') return new Promise(resolve => setImmediate(resolve))
  if (by === 'microtasks') return new Promise(resolve => queueMicrotask(resolve))
  return Promise.resolve()
}

function clockOf(of: 'date' | 'performance' | 'hrtime'): number | bigint {
  if (of === 'date') return Date.now()
  return of === 'performance' ? performance.now() : process.hrtime.bigint()
}

function drawOf(of: 'math' | 'uuid' | 'bytes' | 'int'): number | string {
  if (of === 'math') return Math.random()
  if (of === 'uuid') return crypto.randomUUID()
  return of === 'bytes' ? crypto.randomBytes(8).toString('hex') : crypto.randomInt(1000)
}
