import type { Divergence, EffectSummary, Json } from 'flux-fixtures'
import { printable } from 'flux-fixtures'
import type { FixedOptions } from './fixed.ts'
import type { Verdict, VerdictError } from './verdict.ts'

/** The failure message of `toBeFixed()`: what happened, expected and received, where, and one next step. */
export function renderVerdict(verdict: Verdict, options: FixedOptions = {}): string {
  return [
    headline(verdict, options),
    '',
    ...body(verdict),
    '',
    `  recording  ${printable(verdict.id)}`,
    `  next       ${nextStep(verdict, options)}`,
  ].join('\n')
}

/** One line for a run that went beyond its recording. */
export function endedBeyond(verdict: Verdict): string {
  const [first] = verdict.beyond
  const more = verdict.beyond.length > 1 ? ` and ${verdict.beyond.length - 1} more` : ''
  const call = first ? `${effectText(first)}${more}` : 'a call'
  return `flux: past the failure; ${call} is beyond the recording and was not performed: \`flux extend\` lets the test finish.`
}

function headline(verdict: Verdict, options: FixedOptions): string {
  switch (verdict.result) {
    case 'reproduced':
      return 'The recorded failure happened again.'
    case 'different-failure':
      return 'The recorded failure is gone, but the program failed in another way.'
    case 'diverged':
      if (verdict.reason === 'missing') return 'The program answered well without a write that the recording requires.'
      if (verdict.reason === 'warm state')
        return 'Diverged: warm state. An earlier request of the process had cached this.'
      return 'The program asked for something that was not recorded, before it asked for what was.'
    case 'leaked':
      return 'The program tried to reach the outside world past every boundary.'
    case 'not-replayable':
      return `The recording cannot be replayed here: ${printable(verdict.reason ?? '')}.`
    case 'reached-frontier':
      return options.complete
        ? 'The run did not finish: it asked for something beyond the recording.'
        : 'The run got past the failure, and asked for something beyond the recording.'
    case 'fixed':
      return options.status === undefined
        ? 'The recorded failure is gone.'
        : `Status ${options.status} was expected; the program answered ${verdict.response?.status ?? 'nothing'}.`
  }
}

function body(verdict: Verdict): string[] {
  if (verdict.result === 'diverged') return verdict.divergences.flatMap(divergenceLines)
  if (verdict.result === 'leaked') {
    return verdict.leaks.map(leak => `  ${printable(leak.kind).padEnd(10)} ${printable(leak.target)}${at(leak.line)}`)
  }
  if (verdict.result === 'reached-frontier') return verdict.beyond.map(effect => `  beyond     ${effectText(effect)}`)
  if (verdict.result === 'not-replayable') return []
  return [
    `  recorded   ${endingLine(verdict.recorded.status, verdict.recorded.error)}`,
    `  now        ${endingLine(verdict.response?.status, verdict.error)}`,
    ...(verdict.error?.frame ? [`  where      ${printable(verdict.error.frame)}`] : lastCall(verdict)),
  ]
}

/** Where a program deals with its failure itself, the last call is the nearest place that is known. */
function lastCall({ result, effects }: Verdict): string[] {
  const last = result === 'reproduced' ? effects.at(-1) : undefined
  return last ? [`  last call  ${effectText(last)}`] : []
}

function endingLine(status: number | undefined, error: VerdictError | undefined): string {
  const parts = [status === undefined ? undefined : String(status), error && `${error.class}: ${error.message}`]
  return printable(parts.filter(part => part !== undefined).join('  ') || 'no answer')
}

function divergenceLines(divergence: Divergence): string[] {
  const lines = [`  ${printable(divergence.kind).padEnd(10)} ${effectText(divergence.effect)}`]
  for (const difference of divergence.differences ?? []) {
    lines.push(`    ${printable(difference.path)}`)
    lines.push(`      recorded  ${jsonText(difference.recorded)}`, `      asked     ${jsonText(difference.asked)}`)
  }
  for (const near of divergence.nearest ?? []) lines.push(`    recorded   ${effectText(near)}`)
  return lines
}

function nextStep(verdict: Verdict, options: FixedOptions): string {
  switch (verdict.result) {
    case 'reproduced':
      return reproducedStep(verdict)
    case 'different-failure':
      return options.status === undefined && verdict.response
        ? `if ${verdict.response.status} is meant: toBeFixed({ status: ${verdict.response.status} })`
        : 'fix the new failure'
    case 'diverged':
      return 'ask for what was recorded first, or author the answer in the fixture'
    case 'leaked':
      return 'put the call behind a boundary, or keep it out of this path'
    case 'reached-frontier':
      return 'answer it with a nock scope, author it in the fixture, or run `flux extend`'
    case 'not-replayable':
      return verdict.reason === 'unproven' || verdict.reason?.startsWith('the proof')
        ? `\`flux pull ${verdict.id}\` proves a fixture`
        : 'see `flux doctor`'
    case 'fixed':
      return 'correct the expectation, or the code'
  }
}

function reproducedStep({ beyond, error }: Verdict): string {
  if (beyond.length > 0 && error === undefined) {
    return 'its last call is beyond the recording and was answered with nothing: answer it with a nock scope, or `flux extend`'
  }
  return error?.frame === undefined ? 'fix the code that gives this answer' : 'fix the code; the failing line is above'
}

function effectText(effect: EffectSummary): string {
  return `${printable(`${effect.operation} ${effect.target}`)}${at(effect.line)}`
}

function at(line: string | undefined): string {
  return line === undefined ? '' : `  (${printable(line)})`
}

function jsonText(value: Json | undefined): string {
  if (value === undefined) return '(absent)'
  const text = printable(JSON.stringify(value))
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
