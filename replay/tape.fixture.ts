/** Fixtures whose tapes are written by hand, and programs that ask for what stands on them. Nothing of the engine is replaced. */
import { type Call, cross, failureError } from 'flux-capture/internal'
import type { Effect, Entry, Fixture, Json, Outcome } from 'flux-fixtures'
import { assemble } from './machine.ts'
import { replayOn } from './replay.ts'
import type { Verdict } from './verdict.ts'

export const STARTED_AT = Date.UTC(2026, 0, 2, 3, 4, 5)

/** An entry with what matters about it; an answer to `index` at `10 * (index + 1)` ms unless told otherwise. */
export function entryOf(index: number, key: Json, over: Partial<Entry> & { readonly answer?: Json } = {}): Entry {
  const { answer, ...rest } = over
  return {
    index,
    path: index === 0 ? '0' : `0*${index + 1}`,
    issuedAt: 10 * index,
    completedAt: 10 * (index + 1),
    completion: index + 1,
    bytesSent: true,
    effect: effectOf(key),
    outcome: { status: 'returned', value: answer ?? `answer ${index}` },
    ...rest,
  }
}

/** What never came back. */
export const PENDING = {
  outcome: { status: 'pending' },
  completion: undefined,
  completedAt: undefined,
} as unknown as Partial<Entry>

export function effectOf(key: Json, write = false): Effect {
  const target = typeof key === 'object' ? 'thing' : String(key).replace(/[ \d].*/, '')
  return { boundary: 'outside', kind: 'outside', operation: 'ask', target, request: { key }, write }
}

/** A recording of a wrapped function without arguments. */
export function fixtureOf(
  effects: readonly Entry[],
  over: Partial<Fixture> = {},
  clock: Partial<Fixture['clock']> = {},
): Fixture {
  return {
    format: 1,
    id: '01kfhand0made0000000000000',
    kept: 'failure',
    trigger: { kind: 'call', name: 'program', args: [] },
    ending: { kind: 'returned', value: null },
    environment: {
      commit: 'unknown',
      node: process.version,
      timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      locale: new Intl.DateTimeFormat().resolvedOptions().locale,
      platform: process.platform,
      env: {},
    },
    clock: { startedAt: STARTED_AT, duration: 1_000, reads: [], ...clock },
    random: { draws: [] },
    effects,
    logs: [],
    ambient: { startedAt: STARTED_AT - 1_000, effects: [], reads: [], draws: [], env: {}, earlier: [] },
    unattributed: 0,
    sanitized: [],
    policy: { name: 'detectors', vocabulary: '1' },
    title: 'written by hand',
    digest: 'sha256:none',
    ...over,
  } as unknown as Fixture
}

/** The failure of a program that threw `error` once so many completions had been delivered and effects issued. */
export function threw(error: Error, afterCompletion: number, afterIssue = afterCompletion): Partial<Fixture> {
  const failure = { kind: 'throw' as const, error: failureError(error), afterCompletion, afterIssue }
  return { failure, ending: { kind: 'threw', error: null } }
}

/** Asks the outside world, which a replay answers. */
export function ask(key: Json, over: { readonly write?: boolean } = {}): Promise<unknown> {
  return crossing(key, over, async reply => {
    const { outcome } = await reply.answer()
    return delivered(outcome)
  })
}

/** Asks for a stream of chunks that arrived at moments of the recording. */
export function stream(key: Json, moments: readonly number[], onChunk: (moment: number) => void): Promise<unknown> {
  return crossing(key, {}, async reply => {
    const answer = await reply.answer()
    for (const moment of moments) {
      await answer.until(moment)
      onChunk(moment)
    }
    await answer.end
    return delivered(answer.outcome)
  })
}

function crossing(key: Json, over: { readonly write?: boolean }, answer: Call<Promise<unknown>>['answer']) {
  return cross<Promise<unknown>>({
    effect: effectOf(key, over.write),
    perform: () => Promise.reject(new Error('It was performed.')),
    answer,
    blank: { status: 'returned', value: null },
  })
}

function delivered(outcome: Outcome): unknown {
  if (outcome.status === 'failed') throw outcome.error
  return outcome.status === 'returned' ? outcome.value : undefined
}

/** Replays a program on a fixture in this process, as if the fixture were proven. */
export async function verdictOn(fixture: Fixture, program: () => unknown, proving = true): Promise<Verdict> {
  const machine = assemble(fixture)
  try {
    return await replayOn(machine, program, { proving })
  } finally {
    machine.dismantle()
  }
}
