import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { boundaries, Execution, install, runtime } from 'flux-capture/internal'
import { decode, type Entry, encode, type Json, type Outcome } from 'flux-fixtures'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Tape } from './tape.ts'

/** A real service that scenarios run against. */
export interface Service {
  readonly url: string
  /** Puts the service into the same state before every run. */
  reset?(): Promise<unknown>
  stop(): Promise<unknown>
}

/** A piece of a program. It gives the same value whenever the service answers the same; errors it catches are values, too. */
export interface Scenario<S = unknown> {
  readonly name: string
  /** How many executions run it at once and share what `open` made; 1 when absent. */
  readonly executions?: number
  /** How many entries each execution has on its tape. */
  readonly entries: number
  /** Makes clients or pools for a service at `url`; nothing is asked of it yet. */
  open(url: string): S
  run(shared: S, execution: number): Promise<unknown>
  close?(shared: S): unknown
  /** More that must hold of the tape of an execution. */
  readonly check?: (tape: readonly Entry[], execution: number) => void
}

/** A boundary and what to try it with. */
export interface Subject {
  /** The folder under `capture/boundaries`. */
  readonly boundary: string
  start(): Promise<Service>
  /** Like {@link Service.url}, where nothing listens. */
  readonly unreachable: string
  /** What the boundary patches: prototypes, modules, the global object. */
  readonly targets: readonly object[]
  readonly scenarios: readonly Scenario[]
}

/** What a scenario gave in one execution. */
export type Settled = { readonly value: unknown } | { readonly thrown: unknown }

const LIMITS = { effects: 10_000, instants: 10_000, logs: 1000, bytes: 1 << 26 }

/** Runs the conformance suite of boundaries: recording changes nothing, a replay performs nothing and gives the same. */
export function testBoundary(subject: Subject): void {
  const selected = boundaries.filter(({ name }) => name === subject.boundary)
  const realm = { global: globalThis, process }
  let service: Service
  let sockets = 0
  const connect = Socket.prototype.connect

  beforeAll(async () => {
    assert.equal(selected.length, 1, `no boundary ${subject.boundary}: run npm run registry and build`)
    service = await subject.start()
  })
  afterAll(() => service?.stop())
  beforeEach(() => {
    sockets = 0
    Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
      sockets++
      return connect.apply(this, args as Parameters<typeof connect>)
    } as typeof connect
  })
  afterEach(() => {
    Socket.prototype.connect = connect
  })

  async function installed<T>(body: () => Promise<T>): Promise<T> {
    const installation = install(realm, selected)
    try {
      return await body()
    } finally {
      installation.uninstall()
    }
  }

  async function recorded(scenario: Scenario): Promise<{ settled: Settled[]; tapes: Entry[][] }> {
    await service.reset?.()
    const executions = range(scenario).map(index => new Execution(`recorded-${index}`, { limits: LIMITS }))
    const settled = await installed(() => play(scenario, service.url, executions))
    for (const { dropped } of executions) expect(dropped).toBeUndefined()
    return { settled, tapes: executions.map(execution => execution.entries().map(rest)) }
  }

  async function replayed(
    scenario: Scenario,
    tape: readonly Entry[],
    index: number,
  ): Promise<Settled & { player: Tape }> {
    const player = new Tape(tape)
    const execution = new Execution(`replayed-${index}`, { player, limits: LIMITS })
    const [settled] = await installed(() => play(scenario, subject.unreachable, [execution], index))
    assert(settled)
    return { ...settled, player }
  }

  describe.each(subject.scenarios)('$name', scenario => {
    let tapes: Entry[][]
    let plain: Settled[]

    let record: Settled[]

    beforeAll(async () => {
      await service.reset?.()
      plain = await play(
        scenario,
        service.url,
        range(scenario).map(() => undefined),
      )
      ;({ settled: record, tapes } = await recorded(scenario))
    })

    test('recording gives the caller what the driver gives', () => {
      assert.deepStrictEqual(record, plain)
      expect(tapes.map(tape => tape.length)).toEqual(range(scenario).map(() => scenario.entries))
      for (const [index, tape] of tapes.entries()) scenario.check?.(tape, index)
    })

    test('a replay performs nothing and gives the same', async () => {
      for (const [index, tape] of tapes.entries()) {
        sockets = 0
        const { player, ...settled } = await replayed(scenario, tape, index)
        assert.deepStrictEqual(settled, plain[index])
        expect(player.divergences).toEqual([])
        expect(player.unasked).toEqual([])
        expect(sockets).toBe(0)
      }
    })

    test.for(Object.entries(EDITS))('a tape with %s diverges, and it is remembered', async ([, edit], { skip }) => {
      const tape = tapes[0] ?? []
      if (tape.length === 0) return skip('nothing is on the tape')
      if (tape.some(({ effect }) => effect.operation === 'connect')) return skip('a connect is implied')
      const { player, ...settled } = await replayed(scenario, edit(tape), 0)
      expect(player.divergences.length).toBeGreaterThan(0)
      expect(tells(settled), 'the caller hears of the divergence').toBe(true)
      expect(sockets).toBe(0)
    })
  })

  test('uninstalling restores every descriptor, also after installing twice', async () => {
    const before = subject.targets.map(Object.getOwnPropertyDescriptors)
    const run = async (scenario: Scenario | undefined) => {
      assert(scenario)
      await service.reset?.()
      await play(
        scenario,
        service.url,
        range(scenario).map(index => new Execution(`once-${index}`, { limits: LIMITS })),
      )
    }
    await installed(async () => {
      for (const scenario of subject.scenarios) await run(scenario)
      const during = subject.targets.map(Object.getOwnPropertyDescriptors)
      for (const [index, descriptors] of during.entries()) expect(same(descriptors, before[index])).toBe(false)
      await installed(() => run(subject.scenarios[0]))
    })
    const after = subject.targets.map(Object.getOwnPropertyDescriptors)
    for (const [index, descriptors] of after.entries()) expect(same(descriptors, before[index])).toBe(true)
  })
}

function range({ executions = 1 }: Scenario): number[] {
  return [...Array(executions).keys()]
}

async function play(
  scenario: Scenario,
  url: string,
  executions: readonly (Execution | undefined)[],
  first = 0,
): Promise<Settled[]> {
  const shared = scenario.open(url)
  try {
    return await Promise.all(
      executions.map((execution, index): Promise<Settled> => {
        const run = () =>
          scenario.run(shared, first + index).then(
            value => ({ value }),
            thrown => ({ thrown }),
          )
        return execution ? runtime.frames.run({ execution, path: '', children: 0, inside: false }, run) : run()
      }),
    )
  } finally {
    await scenario.close?.(shared)
  }
}

const EDITS: Readonly<Record<string, (tape: readonly Entry[]) => Entry[]>> = {
  'an entry less': tape => tape.filter((_, index) => index !== Math.floor(tape.length / 2)),
  'another request': ([first, ...later]) =>
    first ? [{ ...first, effect: { ...first.effect, request: { edited: first.effect.request } } }, ...later] : later,
}

/** An entry after a stay in a file. */
function rest(entry: Entry): Entry {
  const stored = (value: unknown) => decode(JSON.parse(JSON.stringify(encode(value))) as Json)
  return {
    ...entry,
    effect: { ...entry.effect, request: stored(entry.effect.request) },
    outcome: stored(entry.outcome) as Outcome,
  }
}

function same(left: object, right: object | undefined): boolean {
  try {
    assert.deepStrictEqual(left, right)
    return true
  } catch {
    return false
  }
}

/** Whether a divergence is among what the program threw or gave. */
function tells(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null || depth > 6) return false
  if ((value as { code?: unknown }).code === 'FLUX_DIVERGED') return true
  const inner =
    value instanceof Error ? [value.cause, ...((value as AggregateError).errors ?? [])] : Object.values(value)
  return inner.some(part => tells(part, depth + 1))
}
