import type { EffectSummary, Fixture } from 'flux-fixtures'
import type { Verdict } from 'flux-replay'
import { renderVerdict } from 'flux-replay/runner'
import { printable } from './terminal/text.ts'

const MAX_NAMED = 5
const SAME_CODE = 'If the code is the same, a value that sanitizing took may have mattered:'

/**
 * Why replays prove nothing, in lines; undefined when each reproduced the failure in the same way.
 * @param verdicts as JSON
 */
export function refusalOf(fixture: Fixture, verdicts: readonly string[]): string[] | undefined {
  const [first = ''] = verdicts
  const verdict = verdicts.map(text => JSON.parse(text) as Verdict).find(one => !provesFailure(one))
  if (!verdict) {
    if (verdicts.every(text => text === first)) return undefined
    return ['not proven: replays of the recording differ from one another; nothing was written.']
  }
  const named = sanitizedNear(fixture, verdict).map(({ path, kind }) => `    ${printable(path)}  (${printable(kind)})`)
  const suspects = (because: string) => (named.length > 0 ? ['', `  ${because}`, ...named] : [])
  if (asksElsewhere(verdict)) {
    return [
      'not proven: the code asks for something else here than what was recorded; nothing was written.',
      '',
      ...verdict.orphans.slice(0, 1).map(call => `  recorded   ${callText(call)}`),
      ...verdict.beyond.slice(0, 1).map(call => `  asked      ${callText(call)}`),
      `  commit     ${printable(fixture.environment.commit)}`,
      '  next       if the code changed since, check that commit out, and pull there',
      ...suspects(SAME_CODE),
    ]
  }
  if (verdict.result === 'fixed' || verdict.result === 'reached-frontier') {
    return [
      "not proven: today's code no longer fails: the failure does not recur; nothing was written.",
      '',
      `  recorded   ${printable(failureText(fixture.failure))}`,
      `  now        ${verdict.response?.status ?? (verdict.result === 'fixed' ? 'it returned' : 'a call beyond the recording')}`,
      `  commit     ${printable(fixture.environment.commit)}`,
      '  next       check that commit out, and pull there',
      ...suspects(SAME_CODE),
    ]
  }
  return [
    `not proven: ${verdict.result}; nothing was written.`,
    '',
    renderVerdict(verdict),
    ...suspects('Sanitizing took these values nearby:'),
  ]
}

/** Whether a replay shows the recorded failure, by the recorded answers: one that asked for others may have failed for want of them. */
export function provesFailure(verdict: Verdict): boolean {
  return verdict.result === 'reproduced' && !asksElsewhere(verdict)
}

function asksElsewhere({ result, beyond, orphans }: Verdict): boolean {
  return (result === 'reproduced' || result === 'reached-frontier') && beyond.length > 0 && orphans.length > 0
}

function callText({ operation, target, line }: EffectSummary): string {
  return printable(`${operation} ${target}${line === undefined ? '' : `  (${line})`}`)
}

function failureText(failure: Fixture['failure']): string {
  const { status, error } = failure ?? {}
  return [status, error && `${error.class}: ${error.message}`].filter(Boolean).join('  ') || 'no answer'
}

/** Sanitized values of the effects that a divergence is about, else of the nearest before them; without one, of the trigger. */
function sanitizedNear({ sanitized, effects }: Fixture, verdict: Verdict): Fixture['sanitized'] {
  const compared = verdict.divergences.flatMap(({ effect, recorded, nearest }) => [
    effect,
    recorded,
    ...(nearest ?? []),
  ])
  const indices = [...compared, ...(asksElsewhere(verdict) ? verdict.orphans : [])].flatMap(call => call?.index ?? [])
  const within = (index: number) => {
    const at = effects.findIndex(entry => entry.index === index)
    return sanitized.filter(({ path }) => path.startsWith(`/effects/${at}/`))
  }
  const same = [...new Set(indices)].flatMap(within)
  if (same.length > 0) return same.slice(0, MAX_NAMED)
  const trigger = sanitized.filter(({ path }) => path.startsWith('/trigger/'))
  if (indices.length === 0 && trigger.length > 0) return trigger.slice(0, MAX_NAMED)
  for (let index = Math.min(effects.length, ...indices) - 1; index >= 0; index--) {
    const before = within(index)
    if (before.length > 0) return before.slice(0, MAX_NAMED)
  }
  return trigger.slice(0, MAX_NAMED)
}
