import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { exportsOf } from 'flux-codegen'

const FOLDERS = ['src', '.', 'lib', 'server']
const MODULES = ['app', 'server', 'index', 'main']
const EXTENSIONS = ['ts', 'mts', 'js', 'mjs', 'cjs', 'cts']
const EXPORTS = ['app', 'server', 'handler', 'listener', 'default']

/** The export of a project that answers requests, as far as names tell: `./src/app.ts#app`. */
export async function guessEntry(root: string): Promise<string | undefined> {
  for (const module of MODULES) {
    for (const folder of FOLDERS) {
      for (const extension of EXTENSIONS) {
        const path = folder === '.' ? `${module}.${extension}` : `${folder}/${module}.${extension}`
        if (!existsSync(join(root, path))) continue
        const { names } = await exportsOf(join(root, path))
        const found = EXPORTS.find(name => names.has(name))
        if (found !== undefined) return found === 'default' ? `./${path}` : `./${path}#${found}`
      }
    }
  }
  return undefined
}
