// Other versions of Node and of vitest, installed beside the project's own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the scenarios import, beside Flux and the runner. */
const OF_SCENARIOS = ['axios', 'undici']
const PACKED = ['fixtures', 'capture', 'replay', 'vitest-plugin']

/**
 * The program of a version of Node: this one, or installed as the npm package `node`.
 * @param major `24`
 * @throws when it cannot be had here
 */
export async function nodeOf(major, folder) {
  if (process.versions.node.split('.')[0] === String(major)) return process.execPath
  const place = join(folder, `node-${major}`)
  await install(place, [`node@${major}`])
  const program = join(place, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(program)) throw new Error('The package was installed without a program.')
  return program
}

/**
 * A `node_modules` with vitest 5, and Flux in it as its users install it.
 * @throws when it cannot be had here
 */
export async function modulesOfVitest5(root, folder) {
  const place = join(folder, 'vitest-5')
  mkdirSync(place, { recursive: true })
  const workspaces = PACKED.map(name => `--workspace=${name}`)
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', place, ...workspaces], root)
  const tarballs = readdirSync(place).filter(name => name.endsWith('.tgz'))
  const versions = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies
  const others = OF_SCENARIOS.map(name => `${name}@${versions[name]}`)
  await install(place, [...tarballs.map(name => `./${name}`), 'vitest@5', 'vite', ...others])
  return join(place, 'node_modules')
}

/** The version of a package in a `node_modules`. */
export function versionOf(modules, name) {
  return JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).version
}

async function install(place, packages) {
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'package.json'), '{ "private": true }')
  await run('npm', ['install', '--no-audit', '--no-fund', ...packages], place)
}

async function run(command, args, cwd) {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', chunk => {
      output += chunk
    })
  }
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code}:\n${output.slice(-1000)}`)
}
