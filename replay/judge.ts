import {
  type Divergence,
  decodeBody,
  diverge,
  type EncodedBody,
  type Entry,
  encodePayload,
  type Failure,
  type Fixture,
  type HttpResponse,
  isEncodedBody,
  type Json,
  looseSignature,
  summarize,
} from 'flux-fixtures'
import type { Miss } from './asked.ts'
import type { Plan } from './plan.ts'
import type { Run } from './run.ts'
import { shapeDifference } from './shape.ts'
import { sameFrame, type Verdict, type VerdictResponse, type VerdictResult, verdictError } from './verdict.ts'

type Decision = Pick<Verdict, 'result'> & { reason?: string; divergences?: readonly Divergence[] }

/** The verdict on a run. `probe` is the second run, present when the first asked beyond the recording. */
export function judge(fixture: Fixture, plan: Plan, run: Run, probe: Run | undefined): Verdict {
  const decision = decide(fixture, plan, run, probe)
  const { failure } = run
  const seen = run.ending?.kind === 'responded' ? { response: responseOf(run.ending.response) } : {}
  const returned = run.ending?.kind === 'returned' ? { value: encodePayload(run.ending.value) } : {}
  const error = failure?.error ?? (decision.result === 'reproduced' ? probe?.failure?.error : undefined)
  const recordedError = fixture.failure?.error
  const shape = decision.result === 'fixed' ? shapeDifference(fixture.baseline, run.ending) : undefined
  return {
    result: decision.result,
    ...(decision.reason !== undefined && { reason: decision.reason }),
    id: fixture.id,
    recorded: {
      ...(fixture.failure?.status !== undefined && { status: fixture.failure.status }),
      ...(recordedError && { error: verdictError(recordedError) }),
    },
    ...seen,
    ...returned,
    ...(error && { error: verdictError(error) }),
    effects: run.player.log.all.map(asked => ({
      ...summarize(asked.effect, asked.source === 'recorded' ? (asked.entry ?? asked) : asked),
      source: asked.source,
      ...(asked.ambiguous && { ambiguous: true as const }),
    })),
    orphans: plan.recorded
      .filter(entry => !plan.tail.has(entry) && !run.player.consumed.has(entry) && !probe?.player.consumed.has(entry))
      .map(entry => summarize(entry.effect, entry)),
    bound: run.player.bound,
    beyond: [...run.player.unanswered.misses, ...run.player.unanswered.late].map(miss => ({
      ...summarize(miss.effect, miss),
      effect: miss.effect,
    })),
    divergences: decision.divergences ?? [],
    leaks: [...run.leaks, ...(probe?.leaks ?? [])],
    warnings: [
      ...(shape === undefined ? [] : [shape]),
      ...(decision.result === 'fixed' ? [...rolledBack(plan, run), ...failedWrite(plan, run)] : []),
      ...ambiguous(run),
    ],
    clock: { startedAt: fixture.clock.startedAt, endedAt: run.endedAt },
  }
}

function decide(fixture: Fixture, plan: Plan, run: Run, probe: Run | undefined): Decision {
  if (run.leaks.length > 0 || (probe?.leaks.length ?? 0) > 0) return { result: 'leaked' }
  const missed = missing(fixture, plan, run)
  if (missed) return missed
  if (run.player.unanswered.misses.length > 0) {
    if (probe && sameFailure(fixture, probe)) return { result: 'reproduced' }
    return { result: 'reached-frontier' }
  }
  if (!run.ending) return { result: 'not-replayable', reason: run.player.stuck ?? 'waiting' }
  const decision = ended(fixture, plan, run)
  return decision.result === 'fixed' ? (unwaited(fixture, plan, run) ?? decision) : decision
}

/** A `catch` that rolls back and answers well looks like a fix: the writes it answers for are gone. */
function rolledBack(plan: Plan, run: Run): string[] {
  const again = [...run.player.consumed].some(entry => plan.tail.has(entry) && entry.transaction?.ends === 'rollback')
  return again ? ['The transaction of the failure was rolled back again, and the run ended well all the same.'] : []
}

/** A `catch` around a write that failed looks like a fix: what it was to write is not there. */
function failedWrite({ culprit }: Plan, { player }: Run): string[] {
  if (!culprit?.effect.write || culprit.outcome.status !== 'failed') return []
  if (!player.log.all.some(({ entry }) => entry === culprit)) return []
  return [
    `The write that failed was answered with its failure again, and the run ended well all the same: ${looseSignature(culprit.effect)}.`,
  ]
}

/** Equal requests had different answers, and nothing but their order tells them apart. */
function ambiguous({ player }: Run): string[] {
  const picks = player.log.all.filter(asked => asked.ambiguous)
  const [first] = picks
  if (!first) return []
  const more = picks.length > 1 ? `, and ${picks.length - 1} more` : ''
  return [
    `Recorded answers differ for equal requests, told apart by their order alone: ${looseSignature(first.effect)}${more}.`,
  ]
}

/** A good end does not make a call vanish that nothing answers and that the program did not wait for. */
function unwaited(fixture: Fixture, plan: Plan, run: Run): Decision | undefined {
  const { unawaited } = run.player.unanswered
  if (unawaited) {
    const divergence = divergenceAt(fixture, plan, unawaited.miss, unawaited.consumed)
    if (divergence) return divergence
  }
  if (run.strays.length === 0) return undefined
  const divergences = run.strays.map((stray): Divergence => diverge(stray.effect, stray, []))
  return { result: 'diverged', reason: 'outside the execution', divergences }
}

/** An unanswered call while a required entry was still unasked. */
function missing(fixture: Fixture, plan: Plan, run: Run): Decision | undefined {
  const [first] = run.player.unanswered.misses
  const consumed = run.player.unanswered.consumedAtMiss
  return first && consumed && divergenceAt(fixture, plan, first, consumed)
}

function divergenceAt(fixture: Fixture, plan: Plan, first: Miss, consumed: ReadonlySet<Entry>): Decision | undefined {
  if (plan.required.every(entry => consumed.has(entry))) return undefined
  const warm = fixture.ambient.earlier.includes(looseSignature(first.effect))
  const left = plan.recorded.filter(entry => !consumed.has(entry))
  const divergence = diverge(first.effect, first, left)
  return {
    result: 'diverged',
    ...(warm && divergence.kind === 'unexpected' && { reason: 'warm state' }),
    divergences: [divergence],
  }
}

/** Whether a run asked beyond the recording: everything required had been asked by then. */
export function isBeyond(plan: Plan, run: Run): boolean {
  const consumed = run.player.unanswered.consumedAtMiss
  return consumed !== undefined && plan.required.every(entry => consumed.has(entry))
}

function ended(fixture: Fixture, plan: Plan, run: Run): Decision {
  if (run.failure) return { result: sameFailure(fixture, run) ? 'reproduced' : 'different-failure' }
  const status = run.ending?.kind === 'responded' ? run.ending.response.status : 200
  const unasked = plan.required.filter(entry => entry.effect.write && !run.player.consumed.has(entry))
  if (status < 400 && unasked.length > 0) {
    const divergences = unasked.map(
      (entry): Divergence => ({ kind: 'missing', effect: summarize(entry.effect, entry) }),
    )
    return { result: 'diverged', reason: 'missing', divergences }
  }
  return { result: 'fixed' as VerdictResult }
}

/** Same class, message and app frame; where an error is unknown on a side, same status and body. */
export function sameFailure(fixture: Fixture, run: Run): boolean {
  const { failure: recorded } = fixture
  const { failure } = run
  if (!recorded || !failure || recorded.kind !== failure.kind) return false
  if (recorded.error && failure.error) return sameError(recorded, failure)
  if (recorded.kind !== 'response') return recorded.error === failure.error
  if (recorded.status !== failure.status) return false
  const before = fixture.ending.kind === 'responded' ? bodyOf(fixture.ending.response) : undefined
  const now = run.ending?.kind === 'responded' ? bodyOf(run.ending.response) : undefined
  return JSON.stringify(before) === JSON.stringify(now)
}

function sameError(recorded: Failure, failure: Failure): boolean {
  const [a, b] = [recorded.error, failure.error]
  if (a?.class !== b?.class || a?.message !== b?.message) return false
  return a?.message === OVERFLOW || sameFrame(a?.frame, b?.frame)
}

/** Which function of a recursion uses up the stack differs from run to run. */
const OVERFLOW = 'Maximum call stack size exceeded'

const CONNECTION = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding', 'x-flux-execution-id'])

/** A response as a verdict shows it. */
export function responseOf(response: HttpResponse): VerdictResponse {
  const headers: Record<string, string> = {}
  for (const [name, value] of response.headers) {
    const lower = name.toLowerCase()
    if (!CONNECTION.has(lower)) headers[lower] = headers[lower] === undefined ? value : `${headers[lower]}, ${value}`
  }
  return { status: response.status, headers, body: bodyOf(response) }
}

function bodyOf(response: HttpResponse): Json {
  const body = isEncodedBody(response.body) ? response.body : (encodePayload(response.body) as unknown as EncodedBody)
  if (body.json !== undefined) return body.json
  if (body.text !== undefined) return body.text
  return Buffer.concat(decodeBody(body)).toString('base64')
}
