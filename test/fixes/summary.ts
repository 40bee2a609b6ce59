/** A verdict in the words of the table. */
import type { EffectSummary } from 'flux-fixtures'
import type { Verdict } from 'flux-replay'
import { expect } from 'vitest'
import type { Expected } from './bug.ts'

/** What {@link wantedOf} is compared with. */
export function summaryOf(verdict: Verdict): Record<string, unknown> {
  const { result, reason, response, value, error } = verdict
  return {
    result,
    reason,
    status: response?.status,
    body: response?.body,
    value,
    error: error && `${error.class}: ${error.message}`,
    beyond: verdict.beyond?.map(targetOf),
    orphans: verdict.orphans?.map(targetOf),
    divergences: verdict.divergences?.map(({ kind, effect, differences = [] }) =>
      [kind, targetOf(effect), ...differences.map(({ path }) => path)].join(' '),
    ),
    leaks: verdict.leaks?.map(({ kind, target }) => `${kind} ${target}`),
    warnings: verdict.warnings,
    ambiguous: verdict.effects?.filter(({ ambiguous }) => ambiguous).length,
  }
}

/** All lists stand in it, so that nothing unexpected goes by. */
export function wantedOf(expected: Expected): Record<string, unknown> {
  const { warnings = [], ambiguous = 0, ...rest } = expected
  return {
    ...{ beyond: [], orphans: [], divergences: [], leaks: [] },
    ...rest,
    ...(ambiguous !== 'any' && { ambiguous }),
    warnings: warnings.map(part => expect.stringContaining(part)),
  }
}

/** Neither the upstream's port nor the database's name is the same twice. */
function targetOf({ target }: EffectSummary): string {
  return target.replace(/http:\/\/localhost:\d+/, '').replace(/^\w+: /, '')
}
