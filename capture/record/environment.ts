import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Environment } from 'flux-fixtures'

/** Where deployments say which commit they run; the first one that is set counts. */
const VARIABLES = [
  'FLUX_COMMIT',
  'GITHUB_SHA',
  'CI_COMMIT_SHA',
  'VERCEL_GIT_COMMIT_SHA',
  'RAILWAY_GIT_COMMIT_SHA',
  'RENDER_GIT_COMMIT',
  'HEROKU_SLUG_COMMIT',
  'SOURCE_VERSION',
  'GIT_COMMIT',
]

/** What is the same for every execution of a process. */
export type ProcessEnvironment = Omit<Environment, 'env'>

/**
 * Reads the commit at once, since a deployment may move it later, and the rest when it is asked for: the first use of `Intl`
 * takes longer than everything else that Flux does at the start.
 */
export function processEnvironment(env: NodeJS.ProcessEnv, directory: string): () => ProcessEnvironment {
  const commit = commitOf(env, directory)
  let known: ProcessEnvironment | undefined
  return () => {
    if (known) return known
    const { timeZone: timezone, locale } = Intl.DateTimeFormat().resolvedOptions()
    known = { commit, node: process.version, timezone, locale, platform: process.platform }
    return known
  }
}

/** The commit of the running code, or `unknown`. */
function commitOf(env: NodeJS.ProcessEnv, directory: string): string {
  for (const name of VARIABLES) if (env[name]) return env[name]
  try {
    return headOf(gitDirectory(directory)) ?? 'unknown'
  } catch {
    return 'unknown'
  }
}

/** In a worktree or submodule `.git` is a file that names the directory. */
function gitDirectory(start: string): string {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const path = join(folder, '.git')
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isDirectory()) return path
    if (stat)
      return resolve(
        folder,
        readFileSync(path, 'utf8')
          .replace(/^gitdir:/, '')
          .trim(),
      )
    if (folder === dirname(folder)) throw new Error('No repository')
  }
}

function headOf(git: string): string | undefined {
  const head = readFileSync(join(git, 'HEAD'), 'utf8').trim()
  if (!head.startsWith('ref:')) return head
  const name = head.slice(4).trim()
  const shared = read(join(git, 'commondir'))
  const common = shared === undefined ? git : resolve(git, shared.trim())
  const loose = read(join(git, name)) ?? read(join(common, name))
  if (loose !== undefined) return loose.trim()
  const packed = read(join(common, 'packed-refs'))?.split('\n') ?? []
  return packed.find(line => line.endsWith(` ${name}`))?.split(' ', 1)[0]
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
