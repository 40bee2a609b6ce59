import { existsSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { FluxError, literal } from 'flux-fixtures'

/** Where a replay calls the program. */
export interface EntryPoint {
  /** Absolute path of the module. */
  readonly file: string
  /** The export, `default` for the default one. */
  readonly name: string
}

const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.jsx']
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u

/**
 * Finds what a configuration names: `./src/app.ts#app`, without `#` the default export.
 *
 * @param directory what the path is relative to
 * @throws FluxError `FLUX_NO_ENTRY` when the module is missing; `FLUX_ENTRY_EXPORT`, listing what it exports, when the export is
 */
export async function findEntry(directory: string, spec: string): Promise<EntryPoint> {
  const hash = spec.lastIndexOf('#')
  const path = hash < 0 ? spec : spec.slice(0, hash)
  const name = hash < 0 ? 'default' : spec.slice(hash + 1)
  const file = moduleAt(resolve(directory, path))
  if (file === undefined) {
    throw new FluxError('FLUX_NO_ENTRY', `The entry ${literal(spec)} names a module that does not exist.`, {
      hint: 'Correct its path in flux.config.mjs.',
    })
  }
  const exports = await exportsOf(file)
  const found = exports.names.has(name) || (exports.open && name !== 'default')
  if (found && IDENTIFIER.test(name)) return { file, name }
  const shown = relative(directory, file).replaceAll('\\', '/')
  const names = [...exports.names].map(known => (known === 'default' ? 'default' : literal(known).slice(1, -1)))
  const exported = names.length > 0 ? `it exports ${names.join(', ')}` : 'it exports nothing'
  const wanted = name === 'default' ? 'a default export' : literal(name)
  throw new FluxError('FLUX_ENTRY_EXPORT', `${shown} does not export ${wanted}; ${exported}.`)
}

/** What a module exports, types left out. `open`: it also exports what another package does, which was not looked at. */
export async function exportsOf(
  file: string,
): Promise<{ readonly names: ReadonlySet<string>; readonly open: boolean }> {
  const { Node, Project, SymbolFlags } = await import('ts-morph')
  const project = new Project({
    skipAddingFilesFromTsConfig: true,
    skipFileDependencyResolution: true,
    skipLoadingLibFiles: true,
    // Without resolution the program is this file alone, whatever it imports.
    compilerOptions: { allowJs: true, noResolve: true },
  })
  const names = new Set<string>()
  let open = false
  const collect = (path: string, levels: number, keepsDefault: boolean): void => {
    const source = project.addSourceFileAtPath(path)
    for (const symbol of source.getExportSymbols()) {
      const specified = symbol.getDeclarations().filter(Node.isExportSpecifier)
      const typed = specified.some(one => one.isTypeOnly() || one.getExportDeclaration().isTypeOnly())
      const typeOnly = typed || (symbol.getFlags() & (SymbolFlags.Value | SymbolFlags.Alias)) === 0
      const name = symbol.getName() === 'export=' ? 'default' : symbol.getName()
      if (!typeOnly && (keepsDefault || name !== 'default')) names.add(name)
    }
    // CommonJS: who imports such a module gets `module.exports` as its default, and its properties by name.
    for (const statement of source.getStatements()) {
      const assignment = Node.isExpressionStatement(statement) ? statement.getExpression() : undefined
      if (!Node.isBinaryExpression(assignment)) continue
      const left = assignment.getLeft().getText()
      const single = /^(?:module\.)?exports\.([\w$]+)$/.exec(left)?.[1]
      if (single !== undefined && single !== 'exports') names.add(single)
      if (left !== 'module.exports') continue
      names.add('default')
      const given = assignment.getRight()
      if (Node.isCallExpression(given)) open = true
      for (const property of Node.isObjectLiteralExpression(given) ? given.getProperties() : []) {
        if (Node.isSpreadAssignment(property)) open = true
        else names.add(property.getName())
      }
    }
    for (const declaration of source.getExportDeclarations()) {
      if (declaration.hasNamedExports() || declaration.getNamespaceExport() || declaration.isTypeOnly()) continue
      const from = declaration.getModuleSpecifierValue() ?? ''
      const inner = from.startsWith('.') ? moduleAt(resolve(dirname(path), from)) : undefined
      if (inner !== undefined && levels > 0) collect(inner, levels - 1, false)
      else open = true
    }
  }
  collect(file, 1, true)
  return { names, open }
}

/** A module as Node, TypeScript or a bundler would find it. */
function moduleAt(path: string): string | undefined {
  const stem = path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2')
  const beside = EXTENSIONS.map(extension => path + extension)
  const inside = EXTENSIONS.map(extension => resolve(path, `index${extension}`))
  return [path, stem, ...beside, ...inside].find(file => existsSync(file) && statSync(file).isFile())
}
