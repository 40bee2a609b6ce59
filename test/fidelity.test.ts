/** What a program sees of the network in a replay is what it saw in production: answers, errors, events and their order. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type Matrix, runMatrix } from './fidelity/matrix.ts'
import { SCENARIOS } from './fidelity/scenarios.ts'

/** The bytes of a compressed body that broke off are not kept, and the program is told so. */
const OMITTED = /: gzip-cut$/
const names = Object.keys(SCENARIOS)
let matrix: Matrix

beforeAll(async () => {
  matrix = await runMatrix(names)
}, 180_000)

test('production kept every scenario', () => {
  expect([...matrix.fixtures.keys()].sort()).toEqual([...names].sort())
  for (const { strays, stats } of matrix.produced) {
    expect(stats).toMatchObject({ dropped: {}, failedWrites: 0 })
    expect(strays).toEqual([])
  }
})

describe('a replay shows what production showed', () => {
  test.each(names.filter(name => OMITTED.test(name)))('%s: what was not kept is said', name => {
    expect(JSON.stringify(matrix.replayed[name]?.seen)).toContain('FLUX_FIXTURE_CORRUPT')
    expect(matrix.replayed[name]?.verdict.leaks).toEqual([])
  })

  test.each(names.filter(name => !OMITTED.test(name)))('%s', name => {
    const replayed = matrix.replayed[name]
    // What nobody caught is a failure, also of a program that listens for it.
    const result = matrix.fixtures.get(name)?.failure ? 'reproduced' : 'fixed'
    expect(matrix.seen[name]).toBeDefined()
    expect(replayed?.seen).toEqual(matrix.seen[name])
    expect(replayed?.verdict).toEqual({ result, leaks: [], divergences: [], orphans: [], beyond: [] })
  })
})
