/** Bugs captured for real, and versions of their programs: each fix and each non-fix has the verdict it deserves. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Verdict } from 'flux-replay'
import { judgeFixed } from 'flux-replay/runner'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { copyPrograms, produce, startDatabase, startUpstream } from './fixes/capture.ts'
import { corpus } from './fixes/corpus.ts'
import { replayAll, type Verdicts } from './fixes/replays.ts'
import { summaryOf, wantedOf } from './fixes/summary.ts'

const folder = mkdtempSync(join(tmpdir(), 'flux-fixes-'))
symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), join(folder, 'node_modules'), 'junction')
let verdicts: Verdicts

beforeAll(async () => {
  copyPrograms(
    folder,
    corpus.map(({ program }) => program),
  )
  const [database, upstream] = await Promise.all([startDatabase(corpus), startUpstream(corpus)])
  const env = { DATABASE_URL: database.url, UPSTREAM_URL: upstream.url }
  const fixtures = await produce(folder, corpus, env).finally(() => Promise.all([upstream.stop(), database.stop()]))
  verdicts = await replayAll(folder, corpus, fixtures)
}, 120_000)

afterEach(() => vi.restoreAllMocks())

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the corpus is as large as it says', () => {
  const versions = corpus.flatMap(bug => bug.versions)
  expect(new Set(corpus.map(({ program }) => program)).size).toBe(corpus.length)
  expect(corpus.filter(bug => bug.versions.some(({ kind }) => kind === 'fix')).length).toBeGreaterThanOrEqual(40)
  expect(versions.filter(({ kind }) => kind === 'non-fix').length).toBeGreaterThanOrEqual(18)
})

describe.each(corpus)('$program', ({ program, failure, versions }) => {
  const verdictOf = (version: string): Verdict => {
    const [first, second] = verdicts.get(`${program}/${version}`) ?? []
    expect(placeless(second)).toBe(placeless(first))
    return first as Verdict
  }

  test.each(['proof', 'unchanged'])('the bug left in is reproduced: %s', version => {
    const { result, recorded, error, leaks, divergences, beyond, orphans } = verdictOf(version)
    expect({ result, leaks, divergences, beyond, orphans }).toEqual({
      result: 'reproduced',
      leaks: [],
      divergences: [],
      beyond: [],
      orphans: [],
    })
    if (failure.status !== undefined) expect(recorded.status).toBe(failure.status)
    if (failure.error !== undefined) expect(`${error?.class}: ${error?.message}`).toContain(failure.error)
  })

  test.each(versions)('$kind: $name', version => {
    const verdict = verdictOf(version.name)
    expect(summaryOf(verdict)).toMatchObject(wantedOf(version.expected))
    // What it says of a frontier is not to be printed a hundred times.
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const { warnings, orphans } = verdict
    const green = version.green ?? ['fixed', 'reached-frontier'].includes(version.expected.result)
    expect(judgeFixed(verdict, version.meant === undefined ? {} : { status: version.meant }).pass).toBe(green)
    // No change that mends nothing is green in silence.
    if (green && version.kind === 'non-fix') expect(warnings.length + orphans.length).toBeGreaterThan(0)
  })
})

/** Where a stack overflows is not the same place twice. */
function placeless(verdict: Verdict | undefined): string {
  return JSON.stringify(verdict, undefined, 1).replace(/\.mjs:\d+:\d+/g, '.mjs')
}
