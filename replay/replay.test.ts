/** Verdicts of the whole engine on tapes that are written by hand. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { pbkdf2 } from 'node:crypto'
import net from 'node:net'
import { promisify } from 'node:util'
import { digestOf, type Fixture } from 'flux-fixtures'
import { describe, expect, test } from 'vitest'
import { library } from '../capture/cross.ts'
import { ask, effectOf, entryOf, fixtureOf, PENDING, STARTED_AT, stream, threw, verdictOn } from './tape.fixture.ts'

const BROKEN = new Error('broken')
const broken = (): never => {
  throw BROKEN
}
const results = ({ effects }: { effects: readonly { source: string }[] }) => effects.map(({ source }) => source)

describe('order and time', () => {
  const pair = fixtureOf([
    entryOf(0, 'slow', { path: '0', completion: 2, completedAt: 30 }),
    entryOf(1, 'fast', { path: '1', issuedAt: 0, completion: 1, completedAt: 10 }),
  ])

  test('answers come in the recorded order, whatever was asked first', async () => {
    const heard: string[] = []
    const hear = (key: string) => ask(key).then(() => heard.push(key))
    const verdict = await verdictOn(pair, () => Promise.all([hear('slow'), hear('fast')]))
    expect(heard).toEqual(['fast', 'slow'])
    expect(verdict.clock.endedAt - STARTED_AT).toBe(30)
  })

  test('an answer waits for an earlier one that is asked for later', async () => {
    const heard: string[] = []
    const hear = (key: string) => ask(key).then(() => heard.push(key))
    await verdictOn(pair, async () => {
      const slow = hear('slow')
      await promisify(setImmediate)()
      await Promise.all([slow, hear('fast')])
    })
    expect(heard).toEqual(['fast', 'slow'])
  })

  test('what nobody asks for any more holds up nothing', async () => {
    const verdict = await verdictOn(fixtureOf([entryOf(0, 'left'), entryOf(1, 'asked')]), () => ask('asked'))
    expect(verdict).toMatchObject({ result: 'fixed', value: 'answer 1', orphans: [{ target: 'left' }] })
  })

  test('time stands still while native work is under way', async () => {
    const fixture = fixtureOf([entryOf(0, 'answer', { completedAt: 50 })])
    let winner: unknown
    await verdictOn(fixture, async () => {
      const work = promisify(pbkdf2)('password', 'salt', 200_000, 32, 'sha512').then(async () => {
        await new Promise(resolve => setTimeout(resolve, 5))
        return 'work'
      })
      winner = await Promise.race([ask('answer'), work])
    })
    expect(winner).toBe('work')
  })

  test('a recorded timer fires at its place, not by its delay alone', async () => {
    const fired = [{ completion: 2, at: 11.2 }]
    const timers = [{ delay: 10, issuedAt: 0, after: 0, path: '0', fired }]
    const fixture = fixtureOf([entryOf(0, 'answer', { completedAt: 10.9 })], {}, { timers })
    const heard: string[] = []
    await verdictOn(fixture, async () => {
      const answer = ask('answer').then(() => heard.push('answer'))
      await new Promise<void>(resolve => setTimeout(() => resolve(void heard.push('timer')), 10))
      await answer
    })
    expect(heard).toEqual(['answer', 'timer'])
  })

  test('timers that production never set fire when their time has come, unless they are cleared', async () => {
    const heard: string[] = []
    await verdictOn(fixtureOf([]), async () => {
      const cleared = setTimeout(() => heard.push('cleared'), 15)
      const wait = (delay: number) =>
        new Promise<void>(resolve =>
          setTimeout(() => resolve(void heard.push(`${delay} at ${Date.now() - STARTED_AT}`)), delay),
        )
      clearTimeout(cleared)
      await Promise.all([wait(30), wait(10), wait(20)])
    })
    expect(heard).toEqual(['10 at 10', '20 at 20', '30 at 30'])
  })

  test('the clocks that a library reads for itself are not on the tape', async () => {
    const reads = [1, 5, 9].map(elapsed => ({ kind: 'date' as const, value: STARTED_AT + elapsed, path: '', after: 0 }))
    const read: number[] = []
    await verdictOn(fixtureOf([], {}, { reads }), () => {
      const note = () => read.push(Date.now() - STARTED_AT)
      note()
      library(note)
      note()
    })
    expect([read[0], read[2]]).toEqual([1, 5])
  })

  test('chunks come at the moments they came at', async () => {
    const fixture = fixtureOf([entryOf(0, 'stream', { completedAt: 10, end: 2, endedAt: 500 })])
    const heard: unknown[] = []
    await verdictOn(fixture, async () => {
      setTimeout(() => heard.push('timer'), 200)
      await stream('stream', [100, 300], moment => heard.push(moment))
      heard.push('end')
    })
    expect(heard).toEqual([100, 'timer', 300, 'end'])
  })

  test("a timer's callback has what the program stored where it set the timer", async () => {
    const storage = new AsyncLocalStorage<string>()
    let kept: unknown
    await verdictOn(fixtureOf([]), async () => {
      await storage.run(
        'kept',
        () =>
          new Promise<void>(resolve => {
            setTimeout(() => resolve(void (kept = storage.getStore())), 5)
          }),
      )
    })
    expect(kept).toBe('kept')
  })

  test('what never came back does not come back, and an interval that never ends is named', async () => {
    const began = performance.now()
    const fixture = fixtureOf([entryOf(0, 'hook', PENDING)])
    const verdict = await verdictOn(fixture, () => {
      setInterval(() => {}, 1_000)
      return ask('hook')
    })
    expect(verdict).toMatchObject({
      result: 'not-replayable',
      reason: expect.stringContaining('an interval of 1000 ms'),
    })
    expect(verdict.reason).toContain('outside ask hook, which production never heard back from')
    expect(verdict.clock.endedAt - STARTED_AT).toBe(70_000)
    expect(performance.now() - began).toBeLessThan(2_500)
  })
})

describe('what is asked', () => {
  test('an entry answers once', async () => {
    const verdict = await verdictOn(fixtureOf([entryOf(0, 'one'), entryOf(1, 'two')]), async () => {
      await ask('one')
      await ask('one').catch(() => {})
      await ask('two')
    })
    expect(verdict.result).toBe('diverged')
    expect(verdict.divergences).toMatchObject([{ kind: 'unexpected', effect: { target: 'one' } }])
  })

  test('another request is not what was recorded', async () => {
    const verdict = await verdictOn(fixtureOf([entryOf(0, { id: 1 }), entryOf(1, 'two')]), () => ask({ id: 2 }))
    expect(verdict).toMatchObject({ result: 'diverged', divergences: [{ kind: 'changed' }] })
  })

  test('equal requests that are told apart by their order alone are said to be', async () => {
    const fixture = fixtureOf([entryOf(0, 'one'), entryOf(1, 'same'), entryOf(2, 'same')])
    const verdict = await verdictOn(fixture, () => ask('same'))
    expect(verdict.warnings).toEqual([expect.stringContaining('told apart by their order alone: outside ask same')])
  })

  test('a socket is a leak, whatever becomes of its error', async () => {
    const verdict = await verdictOn(fixtureOf([]), () => {
      return new Promise<void>(resolve => net.connect(9, '127.0.0.1').on('error', () => resolve()))
    })
    expect(verdict).toMatchObject({ result: 'leaked', leaks: [{ kind: 'socket', target: '127.0.0.1:9' }] })
  })

  test('an authored entry answers once, and one with blanks not at all', async () => {
    const added = (index: number, key: string, over = {}) => entryOf(index, key, { provenance: 'authored', ...over })
    const effects = [entryOf(0, 'one'), added(100, 'extra'), added(101, 'blank', { unfilled: true })]
    const asking = (...keys: string[]) =>
      verdictOn(fixtureOf(effects), async () => {
        for (const key of ['one', ...keys]) await ask(key).catch(() => {})
      })
    expect(results(await asking('extra'))).toEqual(['recorded', 'authored'])
    expect(await asking('extra', 'extra')).toMatchObject({ result: 'reached-frontier' })
    expect(await asking('blank')).toMatchObject({ result: 'reached-frontier', beyond: [{ target: 'blank' }] })
  })

  test('a call after the end is listed', async () => {
    const verdict = await verdictOn(fixtureOf([entryOf(0, 'one')]), async () => {
      await ask('one')
      setImmediate(() => ask('late').catch(() => {}))
    })
    expect(verdict).toMatchObject({ result: 'fixed', beyond: [{ target: 'late' }] })
  })
})

describe('verdicts', () => {
  const failed = (over: Partial<Fixture> = {}) =>
    fixtureOf([entryOf(0, 'one'), entryOf(1, 'culprit')], { ...threw(BROKEN, 2), ...over })
  const first = async () => void (await ask('one'))

  test('the failure again is reproduced, another one is not', async () => {
    const both = async () => [await ask('one'), await ask('culprit')]
    expect((await verdictOn(failed(), () => both().then(broken))).result).toBe('reproduced')
    const other = () => both().then(() => Promise.reject(new RangeError('broken')))
    expect((await verdictOn(failed(), other)).result).toBe('different-failure')
    const said = () => both().then(() => Promise.reject(new Error('broken otherwise')))
    expect((await verdictOn(failed(), said)).result).toBe('different-failure')
    const elsewhere = () => Promise.reject(new Error('broken'))
    expect((await verdictOn(failed(), () => both().then(elsewhere))).result).toBe('different-failure')
  })

  test('an unrecorded call above the failing line is probed', async () => {
    const verdict = await verdictOn(failed(), async () => {
      await ask('one')
      await ask('culprit')
      await ask('new')
      broken()
    })
    expect(verdict).toMatchObject({ result: 'reproduced', beyond: [{ target: 'new' }] })
  })

  test('the culprit may be asked otherwise or not at all, what stands before it may not', async () => {
    expect(await verdictOn(failed(), first)).toMatchObject({ result: 'fixed', orphans: [{ target: 'culprit' }] })
    expect((await verdictOn(failed(), () => first().then(() => ask('better')))).result).toBe('reached-frontier')
    expect((await verdictOn(failed(), () => ask('better'))).result).toBe('diverged')
  })

  test('what was asked after the failure is not required', async () => {
    const tail = entryOf(2, 'tail', { effect: effectOf('tail', true) })
    const fixture = failed({ effects: [entryOf(0, 'one'), entryOf(1, 'culprit'), tail] })
    expect(await verdictOn(fixture, first)).toMatchObject({ result: 'fixed', orphans: [{ target: 'culprit' }] })
    expect((await verdictOn(fixture, () => first().then(() => ask('better')))).result).toBe('reached-frontier')
  })

  test('nor is the rollback of the failing transaction', async () => {
    const rollback = entryOf(2, 'rollback', { transaction: { id: 1, ends: 'rollback' } })
    const fixture = failed({ effects: [entryOf(0, 'one'), entryOf(1, 'culprit'), rollback], ...threw(BROKEN, 3) })
    expect((await verdictOn(fixture, () => first().then(() => ask('better')))).result).toBe('reached-frontier')
  })

  test('a good end that leaves a required write unasked diverges', async () => {
    const write = entryOf(0, 'write', { effect: effectOf('write', true) })
    const verdict = await verdictOn(failed({ effects: [write, entryOf(1, 'culprit')] }), () => 'fine')
    expect(verdict).toMatchObject({ result: 'diverged', reason: 'missing', divergences: [{ kind: 'missing' }] })
  })

  test('a divergence that the program swallows is one all the same', async () => {
    const verdict = await verdictOn(failed(), async () => {
      await ask('new').catch(() => {})
      await first()
    })
    expect(verdict).toMatchObject({ result: 'diverged', divergences: [{ effect: { target: 'new' } }] })
  })

  test('without its own proof a failure is not replayed', async () => {
    const unproven = failed()
    const proof = { result: 'reproduced' as const, runs: 5, of: digestOf(unproven) }
    expect(await verdictOn(unproven, first, false)).toMatchObject({ result: 'not-replayable', reason: 'unproven' })
    expect((await verdictOn({ ...unproven, proof }, first, false)).result).toBe('fixed')
    const edited = { ...unproven, proof: { ...proof, of: 'sha256:other' } }
    expect((await verdictOn(edited, first, false)).result).toBe('not-replayable')
  })
})
