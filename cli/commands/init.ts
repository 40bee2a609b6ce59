import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { FluxError, literal } from 'flux-fixtures'
import type { Flags, Run } from '../command.ts'
import { guessEntry } from '../entry-guess.ts'
import { place, textOf } from '../placed-file.ts'
import { runnerAbove } from '../runner.ts'
import { withPlugin } from '../runner-config.ts'
import { readSettings } from '../settings.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** What was done, and what is left to a person. */
interface Work {
  readonly root: string
  readonly written: string[]
  readonly notes: string[]
}

const PLUGIN_LINES = ["import flux from 'vitest-plugin-flux'", 'plugins: [flux()]']

/** `flux init`: sets a project up. What is there already stays as it is. */
export const run: Run = async (_args, flags, terminal) => {
  const root = terminal.cwd
  if (!existsSync(join(root, 'package.json'))) {
    throw new FluxError('FLUX_USAGE', 'There is no package.json here.', {
      hint: 'Run `flux init` in the folder of a project.',
    })
  }
  const work: Work = { root, written: [], notes: [] }
  await configure(work, flags, terminal)
  await addPlugin(work, await readSettings(flags, terminal))
  addToGit(work, await readSettings(flags, terminal))
  addWorkflow(work)
  const { written, notes } = work
  terminal.document({ written, notes })
  for (const file of written) terminal.out(`written    ${file}`)
  if (written.length === 0 && notes.length === 0) terminal.out('nothing to do')
  for (const note of notes) terminal.out(`\n${note}`)
  return 0
}

async function configure(work: Work, flags: Flags, terminal: Terminal): Promise<void> {
  const { file } = await readSettings(flags, terminal)
  if (file !== undefined) return
  const guessed = await guessEntry(work.root)
  const asks = terminal.interactive && !terminal.asJson && flags.yes !== true
  const entry = asks ? await askEntry(guessed) : guessed
  const line = entry === undefined ? "// entry: { http: './src/app.ts#app' }," : `entry: { http: ${quoted(entry)} },`
  if (entry === undefined) work.notes.push('No entry was found: name what answers requests in flux.config.mjs.')
  const typed = canResolve(work.root, 'flux-capture')
  const text = typed
    ? `import { defineConfig } from 'flux-capture'\n\nexport default defineConfig({\n  ${line}\n})\n`
    : `/** @type {import('flux-capture').FluxConfig} */\nexport default {\n  ${line}\n}\n`
  write(work, 'flux.config.mjs', text)
}

async function askEntry(guessed: string | undefined): Promise<string | undefined> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const offer = guessed === undefined ? './src/app.ts#app, empty for later' : guessed
    const answer = (await prompt.question(`Which module and export answers requests? (${offer}) `)).trim()
    return answer === '' ? guessed : answer
  } finally {
    prompt.close()
  }
}

async function addPlugin(work: Work, { runner }: { readonly runner?: string }): Promise<void> {
  const used = runner ?? runnerAbove(work.root)
  if (used === undefined) work.notes.push('Neither vitest nor jest is in package.json: install one.')
  if (used !== 'vitest') return
  const config = await withPlugin(work.root)
  if (config.text !== undefined) write(work, basename(config.file), config.text)
  else if (config.state === 'by-hand') {
    const lines = PLUGIN_LINES.map(line => `  ${line}`).join('\n')
    work.notes.push(`Add the plugin to ${basename(config.file)}:\n${lines}`)
  }
}

function addToGit(work: Work, { store }: { readonly store: string }): void {
  const path = relative(work.root, resolve(work.root, store)).replaceAll('\\', '/')
  if (!path.startsWith('..') && !store.includes('://')) addLine(work, '.gitignore', `${path}/`)
  // Fixtures are read in reviews, and their bytes are compared: neither hidden nor with other line ends.
  addLine(work, '.gitattributes', '*.flux.json text eol=lf linguist-generated=false')
}

function addLine(work: Work, file: string, line: string): void {
  const present = textOf(join(work.root, file)) ?? ''
  const pattern = line.split(' ', 1)[0] ?? ''
  const known = [pattern, pattern.replace(/\/$/, ''), `/${pattern}`]
  if (present.split(/\r?\n/).some(one => known.includes(one.trim().split(/\s/, 1)[0] ?? ''))) return
  write(work, file, `${present}${present === '' || present.endsWith('\n') ? '' : '\n'}${line}\n`)
}

function addWorkflow(work: Work): void {
  const folder = join(work.root, '.github/workflows')
  if (!existsSync(folder)) {
    if (work.written.length > 0) work.notes.push(`In CI, after the dependencies are installed:\n  npx flux check`)
    return
  }
  const files = readdirSync(folder).filter(name => /\.ya?ml$/.test(name))
  if (files.some(name => readFileSync(join(folder, name), 'utf8').includes('flux check'))) return
  write(work, '.github/workflows/flux.yml', workflow(work.root))
}

function workflow(root: string): string {
  const has = (file: string) => existsSync(join(root, file))
  const install = has('pnpm-lock.yaml')
    ? 'corepack enable && pnpm install'
    : has('yarn.lock')
      ? 'yarn install'
      : 'npm ci'
  return `name: flux
on: [push, pull_request]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: ${install}
      - run: npx flux check
`
}

/** Files that are a person's by now stay as they are: all but those that lines are added to. */
function write(work: Work, file: string, text: string): void {
  const isOwn = file === 'flux.config.mjs' || file.startsWith('.github/')
  if (place(join(work.root, file), text, () => isOwn) === 'written') work.written.push(file)
}

function canResolve(root: string, name: string): boolean {
  try {
    return readFileSync(createRequire(join(root, 'package.json')).resolve(name)).length > 0
  } catch {
    return false
  }
}

/** A string of the configuration in single quotes. */
function quoted(text: string): string {
  return `'${literal(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
