/** Holds the layers of ARCHITECTURE.md: who may import whom. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const PACKAGES: Record<string, readonly string[]> = {
  fixtures: [],
  capture: ['flux-fixtures'],
  replay: ['flux-fixtures', 'flux-capture', '@sinonjs/fake-timers', 'seedrandom'],
  'vitest-plugin': ['flux-fixtures', 'flux-replay', 'vitest'],
  'jest-environment': [
    'flux-fixtures',
    'flux-capture',
    'flux-replay',
    '@jest/environment',
    '@jest/types',
    'jest-environment-node',
    'expect',
  ],
  codegen: ['flux-fixtures', 'ts-morph', 'prettier'],
  cli: [
    'flux-fixtures',
    'flux-capture',
    'flux-replay',
    'flux-codegen',
    'ajv',
    'cac',
    'ts-morph',
    'tsx',
    'vitest-plugin-flux',
  ],
}
const BUILT_IN_FREE = ['fixtures/sanitize', 'fixtures/match.ts', 'fixtures/divergence.ts', 'fixtures/entry.ts']

interface Import {
  readonly file: string
  readonly from: string
  readonly typeOnly: boolean
}

const imports: Import[] = Object.keys(PACKAGES).flatMap(folder => {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return files
    .map(name => relative(root, join(root, folder, name)))
    .filter(name => name.endsWith('.ts') && !/(^|\/)(dist|node_modules)\/|\.(test|example)\.ts$/.test(name))
    .flatMap(importsOf)
})

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = [...text.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)/gm)]
  return found.map(match => ({ file, from: match[2] ?? match[3] ?? '', typeOnly: match[1] !== undefined }))
}

test('there is something to check', () => {
  expect(imports.length).toBeGreaterThan(200)
})

test('packages import what they may', () => {
  const wrong = imports.filter(({ file, from }) => {
    if (from.startsWith('.') || from.startsWith('node:')) return false
    const allowed = PACKAGES[file.split('/')[0] as string] as readonly string[]
    return !allowed.some(name => from === name || from.startsWith(`${name}/`))
  })
  expect(wrong.filter(({ file, typeOnly }) => !(typeOnly && file.startsWith('capture/boundaries/')))).toEqual([])
})

test('what a recording is does not depend on Node', () => {
  const wrong = imports.filter(
    ({ file, from }) => from.startsWith('node:') && BUILT_IN_FREE.some(path => file.startsWith(path)),
  )
  expect(wrong).toEqual([])
})

test('a boundary knows neither the mode nor a sibling', () => {
  const mode = /\/(cross|execution|install|runtime|patch|discover)\.ts$/
  const wrong = imports.filter(({ file, from, typeOnly }) => {
    const boundary = /^capture\/boundaries\/([^/]+)\//.exec(file)?.[1]
    if (boundary === undefined || !from.startsWith('.')) return false
    const target = join(file, '..', from)
    const sibling = /^capture\/boundaries\/([^/]+)\//.exec(target)?.[1]
    return (sibling !== undefined && sibling !== boundary) || (mode.test(target) && !typeOnly)
  })
  expect(wrong).toEqual([])
})
