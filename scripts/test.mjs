// What CI runs: set-up, lint, the generated registry, every test. Arguments go to vitest.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const steps = [
  ['node', ['scripts/setup.mjs']],
  ['npx', ['--no-install', 'biome', 'check', '--error-on-warnings']],
  ['npx', ['--no-install', 'tsc', '-p', 'tsconfig.test.json']],
  ['npx', ['--no-install', 'tsc', '-p', 'examples/checkout']],
  ['node', ['scripts/registry.mjs', '--check']],
  ['npx', ['--no-install', 'vitest', 'run', ...process.argv.slice(2)]],
]
for (const [command, args] of steps) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) process.exit(status ?? 1)
}
