import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const SKIPPED = new Set(['node_modules', 'dist', 'build', 'out', 'coverage', 'vendor'])
const SOURCE = /(?<!\.d)\.[cm]?[jt]sx?$/
const MAX_BYTES = 256 * 1024
const MAX_LEVELS = 12

/** A file of the project's own code. */
export interface SourceText {
  readonly file: string
  readonly text: string
}

/**
 * The project's own sources below a directory, in a stable order: no dependencies, no build output, no tests that Flux wrote.
 *
 * @param limit the most files to give
 */
export function* sourceFiles(directory: string, limit: number): Generator<SourceText> {
  let given = 0
  for (const file of walk(directory, 0)) {
    if (given++ >= limit) return
    yield { file, text: readFileSync(file, 'utf8') }
  }
}

/** Whether a word stands in the project's own source. The word must be an identifier. */
export function wordInSource(directory: string, word: string): boolean {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(word)) return false
  const pattern = new RegExp(`\\b${word}\\b`)
  for (const { text } of sourceFiles(directory, 2000)) if (pattern.test(text)) return true
  return false
}

function* walk(directory: string, level: number): Generator<string> {
  if (level > MAX_LEVELS) return
  const entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const path = join(directory, entry.name)
    if (entry.isFile() && isSource(entry.name) && statSync(path).size <= MAX_BYTES) yield path
  }
  for (const entry of entries) {
    if (entry.isDirectory() && !entry.name.startsWith('.') && !SKIPPED.has(entry.name)) {
      yield* walk(join(directory, entry.name), level + 1)
    }
  }
}

function isSource(name: string): boolean {
  return SOURCE.test(name) && !name.includes('.flux.test.')
}
