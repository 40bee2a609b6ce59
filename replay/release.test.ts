import type { Entry, Fixture } from 'flux-fixtures'
import { expect, test } from 'vitest'
import { VirtualTime } from './clock/time.ts'
import { Release } from './release.ts'
import { entryOf } from './tape.fixture.ts'

const OUTCOME = { status: 'returned', value: null } as const

function released(entries: readonly Entry[], clock: Pick<Fixture['clock'], 'timers' | 'joined'> = {}) {
  const time = new VirtualTime(0)
  const release = new Release(entries, clock, time, () => {})
  const heard: unknown[] = []
  const ask = async (entry: Entry) => {
    const answer = await release.of(entry, OUTCOME, release.crossing)
    heard.push(`${entry.index} at ${time.now}`)
    return answer
  }
  const turn = () => new Promise<void>(resolve => setImmediate(resolve))
  return { time, release, heard, ask, turn }
}

test('what stands first in the recorded order comes first, and its time with it', async () => {
  const [slow, fast] = [entryOf(0, 'slow', { completion: 2, completedAt: 40 }), entryOf(1, 'fast', { completion: 1 })]
  const { release, heard, ask, turn } = released([slow, fast])
  void ask(slow)
  expect(release.next).toMatchObject({ isFirst: false, due: 40 })
  void ask(fast)
  expect(release.next).toMatchObject({ isFirst: true, due: 20 })
  await turn()
  expect(heard).toEqual([])
  for (let step = 0; step < 2; step++) {
    release.happen()
    await turn()
  }
  expect(heard).toEqual(['1 at 20', '0 at 40'])
})

test('an answer whose turn has gone by comes in a turn of its own', async () => {
  const { release, heard, ask, turn } = released([entryOf(0, 'left'), entryOf(1, 'next')])
  release.skip()
  expect(release.rank).toBe(1)
  void ask(entryOf(0, 'left'))
  await turn()
  expect(heard).toEqual([])
  release.immediate()?.()
  await turn()
  expect(heard).toHaveLength(1)
})

test('the end of a stream waits for its turn, which comes only once it is asked for', async () => {
  const streamed = entryOf(0, 'stream', { end: 3, endedAt: 50 })
  const other = entryOf(1, 'other', { issuedAt: 0, completion: 2, completedAt: 30 })
  const { release, time, ask, turn } = released([streamed, other])
  const asked = ask(streamed)
  void ask(other)
  release.happen()
  const answer = await asked
  let ended = false
  void answer.end.then(() => {
    ended = true
  })
  await turn()
  release.happen()
  await turn()
  expect([ended, time.now]).toEqual([false, 30])
  release.happen()
  await turn()
  expect([ended, time.now]).toEqual([true, 50])
})

test('a call is as far behind the last event as it was in the recording, however late that came', () => {
  const [first, second] = [
    entryOf(0, 'first', { completedAt: 10 }),
    entryOf(1, 'second', { issuedAt: 15, completedAt: 35 }),
  ]
  const { release, time, ask } = released([first, second])
  time.advanceTo(100)
  void ask(first)
  release.happen()
  expect(time.now).toBe(110)
  void ask(second)
  expect([time.now, release.next?.due]).toEqual([115, 135])
})

test('how far a run has come counts answers and firings, and no ends of streams', () => {
  const fired = [{ completion: 3, at: 25 }]
  const streamed = entryOf(0, 'stream', { end: 2, endedAt: 20 })
  const { release } = released([streamed], { timers: [{ delay: 25, issuedAt: 0, after: 0, path: '', fired }] })
  expect([1, 2, 3].map(completion => release.rankOf(completion))).toEqual([1, 1, 2])
})

test('events of one turn of the loop are told as such, while none of them was skipped', async () => {
  const entries = ['a', 'b', 'c'].map((key, index) => entryOf(index, key, { path: String(index), issuedAt: 0 }))
  const joinedAfter = (step: (release: Release) => void) => {
    const { release, ask } = released(entries, { joined: [2] })
    for (const entry of entries) void ask(entry)
    expect(release.joining).toBe(1)
    step(release)
    return [release.next?.isJoined, release.joining]
  }
  expect(joinedAfter(release => release.happen())).toEqual([true, 0])
  expect(joinedAfter(release => release.skip())).toEqual([false, 0])
})
