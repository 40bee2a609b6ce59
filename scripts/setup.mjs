// Brings a fresh clone to the point where everything runs: dependencies as locked, packages built.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Flux needs Node 20.19 or later; this is ${process.version}.`)
  process.exit(2)
}

const installed = `${root}node_modules/.package-lock.json`
const locked = `${root}package-lock.json`
const fresh = existsSync(installed) && statSync(installed).mtimeMs >= statSync(locked).mtimeMs
// No install script of a dependency is needed, so none is run.
if (!fresh)
  step('Installing dependencies', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
step('Building the packages', 'npm', ['run', '--silent', 'build'])

function step(title, command, args) {
  const startedAt = Date.now()
  process.stderr.write(`${title} … `)
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  process.stderr.write(`${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`)
  if (status === 0) return
  process.stderr.write(`${stdout}${stderr}\n${title} failed.\n`)
  process.exit(status ?? 1)
}
