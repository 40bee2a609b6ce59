import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FluxError } from 'flux-fixtures'

export type Runner = 'vitest' | 'jest'

/**
 * The test runner of a project: the one asked for, else vitest or jest, whichever its package.json, or one above, depends on.
 * @throws FluxError `FLUX_USAGE` when there is no telling
 */
export function runnerOf(asked: unknown, directory: string): Runner {
  if (asked === 'vitest' || asked === 'jest') return asked
  if (asked !== undefined) throw new FluxError('FLUX_USAGE', '--runner must be vitest or jest.')
  const found = runnerAbove(directory)
  if (found) return found
  throw new FluxError('FLUX_USAGE', 'Neither vitest nor jest is in package.json.', {
    hint: 'Say which with --runner, or with runner in flux.config.mjs.',
  })
}

/** {@link runnerOf}, without an answer where there is no telling. */
export function runnerAbove(directory: string): Runner | undefined {
  const file = join(directory, 'package.json')
  const names = existsSync(file) ? dependenciesIn(readFileSync(file, 'utf8')) : []
  if (names.includes('vitest')) return 'vitest'
  if (names.includes('jest')) return 'jest'
  const parent = dirname(directory)
  return parent === directory ? undefined : runnerAbove(parent)
}

function dependenciesIn(text: string): string[] {
  try {
    const manifest = JSON.parse(text) as Record<string, object | undefined>
    return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies })
  } catch {
    return []
  }
}
