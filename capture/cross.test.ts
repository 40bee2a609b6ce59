import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Observer } from './boundary.ts'
import { cross, inside, library, read } from './cross.ts'
import { Execution } from './execution.ts'
import { runtime } from './runtime.ts'

const LIMITS = { effects: 100, instants: 100, logs: 100, bytes: 1_000 }

/** Asks for something that answers in another turn; `during` runs while it is performed. */
function ask(target: string, during: (observer: Observer) => unknown = () => {}): Promise<void> {
  const perform = async (observer: Observer) => {
    await during(observer)
    await turn()
    observer.settled({ status: 'returned', value: target })
  }
  return cross({
    effect: { boundary: 'outside', kind: 'outside', operation: 'ask', target, request: null, write: false },
    perform,
    answer: () => Promise.reject(new Error('Nothing answers here.')),
    blank: { status: 'returned', value: null },
  })
}

async function recorded(program: () => unknown, limits: Partial<typeof LIMITS> = {}): Promise<Execution> {
  const execution = new Execution('recorded', { limits: { ...LIMITS, ...limits } })
  await runtime.frames.run({ execution, path: '', children: 0, inside: false }, async () => await program())
  return execution
}

test('calls side by side and one after the other have causal paths of their own', async () => {
  const execution = await recorded(async () => {
    const later = (name: string) =>
      turn()
        .then(() => ask(`${name} 1`))
        .then(() => ask(`${name} 2`))
    await Promise.all([later('a'), later('b'), ask('c')])
    await ask('d')
  })
  const paths = execution.entries().map(({ effect, path }) => `${effect.target}: ${path}`)
  expect(paths.sort()).toEqual(['a 1: 1', 'a 2: 3', 'b 1: 2', 'b 2: 4', 'c: 0', 'd: 0*2'])
})

test('what a library asks while it performs is its own business; of the clocks, what it reads around its calls', async () => {
  const execution = await recorded(async () => {
    await ask('outer', () => ask('inner'))
    read('date', () => 1)
    library(() => read('date', () => 2))
    inside(() => read('date', () => 3))
  })
  expect(execution.entries().map(({ effect }) => effect.target)).toEqual(['outer'])
  expect(execution.reads.map(({ value }) => value)).toEqual([1])
})

test('over a limit the whole recording is dropped', async () => {
  const many = await recorded(() => Promise.all(['a', 'b', 'c'].map(name => ask(name))), { effects: 2 })
  expect([many.dropped, many.entries()]).toEqual(['effects', []])
  const large = await recorded(() => ask('large', observer => observer.keep(2_000)))
  expect([large.dropped, large.entries()]).toEqual(['bytes', []])
})

test('what happened when the failure became visible stays as it was then', async () => {
  const execution = await recorded(async () => {
    await ask('before')
    runtime.frames.getStore()?.execution.markVisible()
    await ask('after')
    runtime.frames.getStore()?.execution.markVisible()
  })
  expect(execution.visible).toEqual({ afterCompletion: 1, afterIssue: 1 })
})
