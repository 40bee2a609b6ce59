import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { Matching } from './matching.ts'
import { planOf } from './plan.ts'
import { effectOf, entryOf, fixtureOf } from './tape.fixture.ts'

function matchingOf(...effects: ReturnType<typeof entryOf>[]): Matching {
  const fixture = fixtureOf(effects)
  return new Matching(fixture, planOf(fixture))
}

test('among equal requests the causal path decides, then its parent, then the order of issue', () => {
  const paths = ['0', '1/0', '2']
  const matching = matchingOf(...paths.map((path, index) => entryOf(index, 'same', { path })))
  const picked = ['2', '1/7', '9'].map(path => matching.recorded(effectOf('same'), path))
  expect(picked.map(found => found?.entry.path)).toEqual(['2', '1/0', '0'])
  expect(matching.recorded(effectOf('same'), '0')).toBeUndefined()
})

test('a pick among different answers is flagged unless the path decides; among equal answers it is none', () => {
  const different = matchingOf(...[0, 1, 2].map(index => entryOf(index, 'same', { path: String(index) })))
  expect(different.recorded(effectOf('same'), '1')?.ambiguous).toBeUndefined()
  expect(different.recorded(effectOf('same'), '9')?.ambiguous).toBe(true)
  const equal = matchingOf(...[0, 1].map(index => entryOf(index, 'same', { path: String(index), answer: 'equal' })))
  expect(equal.recorded(effectOf('same'), '9')?.ambiguous).toBeUndefined()
})

test('an id that nothing explains binds, once for the whole execution and in the answers', () => {
  const [recorded, replayed, other] = [randomUUID(), randomUUID(), randomUUID()]
  const matching = matchingOf(
    entryOf(0, { save: recorded }, { answer: { saved: recorded } }),
    entryOf(1, { find: recorded }),
    entryOf(2, { find: recorded }),
  )
  const found = matching.recorded(effectOf({ save: replayed }), '0')
  expect(found && matching.outcomeOf(found.entry)).toMatchObject({ value: { saved: replayed } })
  expect(matching.bound).toEqual([{ recorded, replayed }])
  expect(matching.recorded(effectOf({ find: other }), '0*2')).toBeUndefined()
  expect(matching.recorded(effectOf({ find: replayed }), '0*2')?.entry.index).toBe(1)
})

test('an id that a draw or an input explains is another request where it differs', () => {
  const [drawn, given, asked] = [randomUUID(), randomUUID(), randomUUID()]
  const effects = [entryOf(0, { save: drawn }), entryOf(1, { find: given })]
  const draws = [{ kind: 'uuid' as const, value: drawn, after: 0, path: '' }]
  const fixture = fixtureOf(effects, { random: { draws }, trigger: { kind: 'call', name: 'program', args: [given] } })
  const matching = new Matching(fixture, planOf(fixture))
  expect(matching.recorded(effectOf({ save: asked }), '0')).toBeUndefined()
  expect(matching.recorded(effectOf({ find: asked }), '0*2')).toBeUndefined()
})

test('a borrowed answer holds only after the writes that came before it', () => {
  const lent = (index: number, key: string, write = false) =>
    entryOf(index, key, { provenance: 'borrowed', effect: effectOf(key, write) })
  const matching = matchingOf(lent(0, 'write', true), lent(1, 'count'))
  expect(matching.beyond(effectOf('count'), '0')).toBeUndefined()
  expect(matching.beyond(effectOf('write', true), '0')?.source).toBe('borrowed')
  expect(matching.beyond(effectOf('count'), '0')?.source).toBe('borrowed')
  expect(matching.beyond(effectOf('count'), '0')).toBeUndefined()
})

test('what the warm process had answers again and again', () => {
  const fixture = fixtureOf([])
  const warm = { ...fixture, ambient: { ...fixture.ambient, effects: [entryOf(0, 'flags')] } }
  const matching = new Matching(warm, planOf(warm))
  expect([1, 2].map(() => matching.beyond(effectOf('flags'), '0')?.source)).toEqual(['ambient', 'ambient'])
})
