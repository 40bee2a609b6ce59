import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What became of a file: `kept` has other contents than were to be written. */
export type Placed = 'written' | 'unchanged' | 'kept'

/**
 * Puts a file in its place, whole or not at all. One that says the same stays as it is.
 * @param keep whether a file with other contents stays as well
 */
export function place(file: string, text: string, keep: (present: string) => boolean): Placed {
  const present = textOf(file)
  if (present === text) return 'unchanged'
  if (present !== undefined && keep(present)) return 'kept'
  mkdirSync(dirname(file), { recursive: true })
  const temporary = join(dirname(file), `.flux-${randomBytes(6).toString('hex')}.tmp`)
  try {
    writeFileSync(temporary, text)
    renameSync(temporary, file)
  } finally {
    rmSync(temporary, { force: true })
  }
  return 'written'
}

/** The text of a file; undefined when there is none. */
export function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
