import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** A vitest configuration with the Flux plugin: `text` undefined where it is there already or cannot be added safely. */
export interface RunnerConfig {
  readonly file: string
  readonly state: 'present' | 'addable' | 'by-hand'
  readonly text?: string
}

const EXTENSIONS = ['ts', 'mts', 'js', 'mjs', 'cts', 'cjs']
const NAMES = ['vitest', 'vite'].flatMap(tool => EXTENSIONS.map(extension => `${tool}.config.${extension}`))

/** Finds the vitest configuration of a project, or a new one, and adds the plugin where that changes nothing else. */
export async function withPlugin(root: string): Promise<RunnerConfig> {
  const name = NAMES.find(one => existsSync(join(root, one)))
  if (name === undefined) return { file: join(root, newName(root)), state: 'addable', text: NEW }
  const file = join(root, name)
  const text = readFileSync(file, 'utf8')
  if (text.includes('vitest-plugin-flux')) return { file, state: 'present' }
  const added = await add(text, basename(file))
  return added === undefined ? { file, state: 'by-hand' } : { file, state: 'addable', text: added }
}

const NEW = `import { defineConfig } from 'vitest/config'
import flux from 'vitest-plugin-flux'

export default defineConfig({
  plugins: [flux()],
})
`

function newName(root: string): string {
  return existsSync(join(root, 'tsconfig.json')) ? 'vitest.config.ts' : 'vitest.config.mjs'
}

/**
 * Adds the import and the plugin to `export default {…}` or `export default defineConfig({…})`, leaving every other character as
 * it is; undefined for any other form.
 */
async function add(text: string, name: string): Promise<string | undefined> {
  const { Node, Project } = await import('ts-morph')
  const project = new Project({ useInMemoryFileSystem: true, compilerOptions: { allowJs: true } })
  const source = project.createSourceFile(`/${name}`, text)
  const exported = source.getExportAssignments().find(one => !one.isExportEquals())
  const given = exported?.getExpression()
  const config = Node.isCallExpression(given) && given.getArguments().length === 1 ? given.getArguments()[0] : given
  const callee = Node.isCallExpression(given) ? given.getExpression().getText() : 'defineConfig'
  if (!Node.isObjectLiteralExpression(config) || callee !== 'defineConfig') return undefined
  const imports = source.getImportDeclarations()
  const last = imports.at(-1)
  if (!last || source.getLocal('flux')) return undefined
  const plugins = config.getProperty('plugins')
  let at = config.getStart() + 1
  let what = `\n  plugins: [flux()],${config.getProperties().length > 0 ? '' : '\n'}`
  if (plugins) {
    const value = Node.isPropertyAssignment(plugins) ? plugins.getInitializer() : undefined
    if (!Node.isArrayLiteralExpression(value)) return undefined
    const first = value.getElements()[0]
    at = first ? first.getStart() : value.getStart() + 1
    what = first ? 'flux(), ' : 'flux()'
  }
  const quote = last.getModuleSpecifier().getText().charAt(0)
  const semi = last.getText().endsWith(';') ? ';' : ''
  const line = `\nimport flux from ${quote}vitest-plugin-flux${quote}${semi}`
  return text.slice(0, last.getEnd()) + line + text.slice(last.getEnd(), at) + what + text.slice(at)
}
