// Sets a fresh clone up, then tells the story of examples/checkout.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
for (const args of [['scripts/setup.mjs'], ['--import', 'tsx', 'examples/checkout/demo.ts']]) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
