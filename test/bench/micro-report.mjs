import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { table } from './statistic.mjs'

/** Runs `micro.mjs` in a process of its own. @returns a table in Markdown */
export function measureMicro(batches) {
  const micro = fileURLToPath(new URL('micro.mjs', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [micro, String(batches)], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  const { bare, outside, inside } = JSON.parse(stdout)
  const rows = Object.keys(bare).map(name => [name, ...[bare, outside, inside].map(of => of[name].toFixed(3))])
  return table(['', 'not installed', 'installed, no execution open', 'in an execution'], rows)
}
