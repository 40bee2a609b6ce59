import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { FluxError, literal } from 'flux-fixtures'
import type { Options } from 'prettier'
import type { SourceFile } from 'ts-morph'
import type { EntryPoint } from './entry-point.ts'
import { specifierOf, styleOf } from './style.ts'

export interface WriteTestOptions {
  /** Absolute path of the fixture; the test lies beside it. */
  readonly fixtureFile: string
  /** What the test says, by `nameOf`. */
  readonly title: string
  readonly entry: EntryPoint
  readonly runner: 'vitest' | 'jest'
  /** Where the project's sources, package.json and tsconfig.json are. */
  readonly projectDir: string
}

export interface TestFile {
  /** Absolute path. */
  readonly file: string
  readonly text: string
}

type Language = 'typescript' | 'module' | 'commonjs'

const FIXTURE = /^[a-z0-9][a-z0-9-]*\.flux\.json$/
/** Names that mean something else in a test file. */
const TAKEN = /^(?:expect|test|replay|execution|require|module|exports|await|default|delete|function|class|new|this)$/

/**
 * The path of the test of a fixture: `.ts` for a typed entry, else `.js`, or `.mjs` where `.js` would be CommonJS and must not be.
 */
function testFileName(options: Pick<WriteTestOptions, 'fixtureFile' | 'entry' | 'runner'>): string {
  const stem = options.fixtureFile.slice(0, -'.flux.json'.length)
  const language = languageOf(options)
  if (language === 'typescript') return `${stem}.flux.test.ts`
  const plain = language === 'commonjs' || isModulePackage(dirname(options.fixtureFile))
  return `${stem}.flux.test.${plain ? 'js' : 'mjs'}`
}

/**
 * Writes the test of a fixture in the project's style. It holds constants, the title and relative paths; everything captured
 * stays in the fixture.
 */
export async function writeTest(options: WriteTestOptions): Promise<TestFile> {
  const fixture = basename(options.fixtureFile)
  if (!FIXTURE.test(fixture)) {
    throw new FluxError('FLUX_USAGE', `${literal(fixture)} is no name of a fixture that a test can be written for.`, {
      hint: 'Use lower-case letters, digits and hyphens: name.flux.json.',
    })
  }
  const file = testFileName(options)
  const { Project, QuoteKind, IndentationText } = await import('ts-morph')
  const project = new Project({
    useInMemoryFileSystem: true,
    manipulationSettings: { quoteKind: QuoteKind.Double, indentationText: IndentationText.TwoSpaces },
  })
  const source = project.createSourceFile(`/${basename(file)}`)
  const style = styleOf(options.projectDir, options.entry.file)
  compose(source, options, fixture, specifier(options, style.imports))
  return { file, text: await format(source.getFullText(), file, style.formatting) }
}

function compose(source: SourceFile, options: WriteTestOptions, fixture: string, from: string): void {
  const { entry, runner, title } = options
  const language = languageOf(options)
  const local = TAKEN.test(entry.name) ? 'entry' : entry.name
  const imports: { from: string; names: string[]; default?: string }[] = []
  if (runner === 'vitest') imports.push({ from: 'vitest', names: ['expect', 'test'] })
  else if (language !== 'commonjs' && importsGlobals(options)) {
    imports.push({ from: '@jest/globals', names: ['expect', 'test'] })
  }
  imports.push({
    from: runner === 'vitest' ? 'vitest-plugin-flux/replay' : 'jest-environment-flux/replay',
    names: ['replay'],
  })
  imports.push(
    entry.name === 'default'
      ? { from, names: [], default: local }
      : { from, names: [entry.name === local ? local : `${entry.name} as ${local}`] },
  )
  for (const one of imports) {
    if (language === 'commonjs') source.addStatements(required(one))
    else {
      source.addImportDeclaration({
        moduleSpecifier: one.from,
        namedImports: one.names,
        ...(one.default !== undefined && { defaultImport: one.default }),
      })
    }
  }
  source.addStatements(writer => {
    writer.blankLine()
    if (runner === 'vitest') writer.writeLine(`// @flux-fixture ./${fixture}`)
    writer
      .write(`test(${literal(title)}, async () =>`)
      .space()
      .inlineBlock(() => {
        writer.writeLine(`const execution = await replay(${local})`)
        writer.writeLine('expect(execution).toBeFixed()')
      })
      .write(')')
  })
  if (runner === 'jest') source.insertText(0, `/**\n * @jest-environment flux\n * @flux-fixture ./${fixture}\n */\n`)
}

function required(one: { from: string; names: readonly string[]; default?: string }): string {
  const names = one.names.map(name => name.replace(' as ', ': ')).join(', ')
  return `const ${one.default ?? `{ ${names} }`} = require(${literal(one.from)})`
}

function specifier(options: WriteTestOptions, imports: ReturnType<typeof styleOf>['imports']): string {
  const path = relative(dirname(options.fixtureFile), options.entry.file).replaceAll('\\', '/')
  const dotted = path.startsWith('.') ? path : `./${path}`
  if (languageOf(options) === 'module') return dotted
  return specifierOf(dotted, languageOf(options) === 'commonjs' && imports === 'output' ? 'source' : imports)
}

function languageOf({
  entry,
  runner,
  fixtureFile,
}: Pick<WriteTestOptions, 'entry' | 'runner' | 'fixtureFile'>): Language {
  if (/\.[cm]?tsx?$/.test(entry.file)) return 'typescript'
  if (runner === 'vitest' || entry.file.endsWith('.mjs')) return 'module'
  return isModulePackage(dirname(fixtureFile)) && !entry.file.endsWith('.cjs') ? 'module' : 'commonjs'
}

/** Whether `.js` files of a folder are ES modules. */
function isModulePackage(directory: string): boolean {
  const file = join(directory, 'package.json')
  if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { type?: unknown }).type === 'module'
  const parent = dirname(directory)
  return parent !== directory && isModulePackage(parent)
}

/** jest's globals need no import where `@types/jest` types them; ES modules have them under another name only. */
function importsGlobals({ projectDir, entry }: WriteTestOptions): boolean {
  const { resolve } = createRequire(join(projectDir, 'package.json'))
  const has = (name: string) => {
    try {
      return resolve(name) !== ''
    } catch {
      return false
    }
  }
  if (/\.[cm]?tsx?$/.test(entry.file) && has('@types/jest/package.json')) return false
  return has('@jest/globals')
}

async function format(text: string, file: string, inferred: Options): Promise<string> {
  const prettier = await import('prettier')
  const configured = await prettier.resolveConfig(file, { editorconfig: true, useCache: false })
  // Plugins are the project's own code, and may not be installed where this prettier is.
  const { plugins: _plugins, ...known } = configured ?? inferred
  const parser = file.endsWith('.ts') ? 'typescript' : 'babel'
  return await prettier.format(text, { ...known, parser })
}
