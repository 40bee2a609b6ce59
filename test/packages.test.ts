import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly workspaces?: readonly string[]
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
}

interface Tarball {
  readonly manifest: Manifest
  readonly files: ReadonlySet<string>
}

const manifestIn = (folder: string) => JSON.parse(readFileSync(`${ROOT}${folder}/package.json`, 'utf8')) as Manifest
const folders = (manifestIn('.').workspaces ?? []).filter(folder => manifestIn(folder).private !== true)
const tarballs = await packAll()

/** What `npm pack` would put into each tarball. */
async function packAll(): Promise<readonly Tarball[]> {
  const asked = folders.map(folder => `--workspace=${folder}`)
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', ...asked], {
    cwd: ROOT,
    maxBuffer: 16 * 1024 * 1024,
    shell: process.platform === 'win32',
  })
  type Packed = { readonly name: string; readonly files: readonly { readonly path: string }[] }
  const said = JSON.parse(stdout) as readonly Packed[] | Readonly<Record<string, Packed>>
  const packed = new Map(Object.values(said).map(one => [one.name, one]))
  return folders.map(folder => {
    const manifest = manifestIn(folder)
    return { manifest, files: new Set(packed.get(manifest.name)?.files.map(({ path }) => path)) }
  })
}

test.each(tarballs)('$manifest.name ships what it names', ({ manifest, files }) => {
  const targets = Object.values(manifest.exports).flatMap(one => (typeof one === 'string' ? [one] : Object.values(one)))
  const named = [...targets, ...Object.values(manifest.bin ?? {})].map(path => path.replace(/^\.\//, ''))
  expect(named.filter(path => !files.has(path))).toEqual([])
})

test.each(tarballs)('$manifest.name ships nothing that is for us alone', ({ files }) => {
  const ours =
    /\.(?:test|example|fixture|tgz)\b|\.tsbuildinfo$|sample\.flux\.json|(?<!\.d)\.[cm]?ts$|^(?:test|node_modules)\//
  expect([...files].filter(path => ours.test(path))).toEqual([])
})

test.each(tarballs)('$manifest.name has source maps that need no other file', ({ manifest, files }) => {
  const folder = folders.find(one => manifestIn(one).name === manifest.name)
  const bare = [...files]
    .filter(path => path.endsWith('.map') && existsSync(`${ROOT}${folder}/${path}`))
    .filter(path => !JSON.parse(readFileSync(`${ROOT}${folder}/${path}`, 'utf8')).sourcesContent)
  expect(bare).toEqual([])
})

test.each(['flux-capture', 'jest-environment-flux/replay'])('%s loads by plain require', async name => {
  const file = createRequire(import.meta.url).resolve(name)
  expect(file).toMatch(/\.cjs$/)
  const { stdout } = await run(process.execPath, ['-p', 'Object.keys(require(process.argv[1])).join()', file])
  expect(stdout.trim().split(',')).toContain(name === 'flux-capture' ? 'flux' : 'replay')
})
