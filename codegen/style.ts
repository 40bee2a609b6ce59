import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import type { Options } from 'prettier'
import { sourceFiles } from './source-file.ts'

/** How a project writes its imports. */
export interface Style {
  /** What stands at the end of a relative import of a source: its own extension, that of its output, or nothing. */
  readonly imports: 'source' | 'output' | 'none'
  readonly formatting: Pick<Options, 'singleQuote' | 'semi' | 'useTabs'>
}

const SAMPLE = 60
const IMPORT =
  /^(?:import|export)\b(?:[^'"\n]*\bfrom)?\s*(['"])([^'"\n]+)\1[ \t]*(;?)|^(?:const|let|var)\b[^'"\n]*require\((['"])([^'"\n]+)\4\)[ \t]*(;?)/gm

/**
 * Reads the style of a project off its sources, by simple majority; where they say nothing, off its tsconfig.
 *
 * @param entry the module that will be imported
 */
export function styleOf(projectDir: string, entry: string): Style {
  const votes = { single: 0, double: 0, semi: 0, bare: 0, tabs: 0, spaces: 0, source: 0, output: 0, none: 0 }
  for (const { file, text } of sourceFiles(projectDir, SAMPLE)) {
    for (const [, quote, from, semi, otherQuote, required, otherSemi] of text.matchAll(IMPORT)) {
      votes[(quote ?? otherQuote) === "'" ? 'single' : 'double']++
      votes[(semi ?? otherSemi) === ';' ? 'semi' : 'bare']++
      const path = from ?? required ?? ''
      if (/^\.\.?\//.test(path) && isTyped(file) === isTyped(entry)) votes[endingOf(path)]++
    }
    votes.tabs += text.match(/^\t/gm)?.length ?? 0
    votes.spaces += text.match(/^ {2,}\S/gm)?.length ?? 0
  }
  const said = votes.single + votes.double > 0
  return {
    imports: endingBy(votes) ?? configuredEnding(dirname(entry), entry),
    formatting: said
      ? { singleQuote: votes.single > votes.double, semi: votes.semi >= votes.bare, useTabs: votes.tabs > votes.spaces }
      : {},
  }
}

/** The specifier of a module in a style; `path` is relative, with forward slashes and its extension. */
export function specifierOf(path: string, style: Style['imports']): string {
  const extension = extname(path)
  const output = extension.replace('t', 'j').replace('x', '')
  if (style === 'source') return path
  // Only `.js` and `.ts` may be left out.
  const needed = style === 'output' || output !== '.js'
  return path.slice(0, -extension.length) + (needed ? output : '')
}

function endingOf(path: string): Style['imports'] {
  if (/\.[cm]?tsx?$/.test(path)) return 'source'
  return /\.[cm]?jsx?$/.test(path) ? 'output' : 'none'
}

function endingBy(votes: Readonly<Record<Style['imports'], number>>): Style['imports'] | undefined {
  const order: readonly Style['imports'][] = ['source', 'output', 'none']
  const [most] = [...order].sort((a, b) => votes[b] - votes[a])
  return most !== undefined && votes[most] > 0 ? most : undefined
}

function configuredEnding(directory: string, entry: string): Style['imports'] {
  if (!isTyped(entry)) return 'source'
  const config = configAbove(directory)
  if (/"allowImportingTsExtensions"\s*:\s*true/.test(config)) return 'source'
  return /"module(?:Resolution)?"\s*:\s*"node(?:next|16|18|20)"/i.test(config) ? 'output' : 'none'
}

function configAbove(directory: string): string {
  const file = join(directory, 'tsconfig.json')
  if (existsSync(file)) return readFileSync(file, 'utf8')
  const parent = dirname(directory)
  return parent === directory ? '' : configAbove(parent)
}

function isTyped(file: string): boolean {
  return /\.[cm]?tsx?$/.test(file)
}
