import { readdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { FluxError, literal } from 'flux-fixtures'
import type { Run } from '../command.ts'
import { type Checked, checkFixture } from '../fixture-check.ts'
import { readSettings } from '../settings.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { printable } from '../terminal/text.ts'

/** `flux check`: whether fixtures are what a test may rely on. */
export const run: Run = async (args, flags, terminal) => {
  const settings = await readSettings(flags, terminal)
  const named = args.map(file => resolve(terminal.cwd, file))
  const files = named.length > 0 ? named.flatMap(fixturesAt) : fixturesBelow(settings.fixtures)
  const checked = files.map(file => checkFixture(file, relative(terminal.cwd, file).replaceAll('\\', '/')))
  terminal.document({ files: checked })
  if (checked.length === 0) {
    const below = relative(terminal.cwd, settings.fixtures).replaceAll('\\', '/') || '.'
    terminal.out(`There are no fixtures below ${printable(below)}.`)
  }
  for (const one of checked) show(one, terminal)
  if (checked.some(({ result }) => result === 'unreadable')) return 2
  return checked.some(({ result }) => result === 'found') ? 1 : 0
}

function show({ file, result, findings }: Checked, terminal: Terminal): void {
  const { red, green } = terminal.paint
  const mark = result === 'ok' ? green('ok') : red(result)
  const said = findings.map(({ message }) => printable(message)).join('; ')
  terminal.out(`${mark}${' '.repeat(12 - result.length)}${printable(file)}${said === '' ? '' : `: ${said}`}`)
}

/** A file as it is, a folder by the fixtures in it. */
function fixturesAt(path: string): string[] {
  try {
    return fixturesBelow(path, true)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path]
    throw new FluxError('FLUX_NOT_FOUND', `There is no file ${literal(path)}.`, {
      hint: 'Correct the path.',
      cause: error,
    })
  }
}

function fixturesBelow(folder: string, mustExist = false): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.name.endsWith('.flux.json') && !entry.isDirectory())
      .map(entry => join(entry.parentPath ?? entry.path, entry.name))
      .filter(file => !relative(folder, file).includes('node_modules'))
      .sort()
  } catch (error) {
    if (mustExist || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return []
  }
}
