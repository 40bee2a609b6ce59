// Runs every scenario for real, once, and gives what was recorded.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openDirectoryStore } from 'flux-fixtures'
import { loadScenarios, PRODUCTIONS } from './table.mjs'

const here = new URL('.', import.meta.url)
const PRELOAD = ['--import', new URL('calendar.mjs', here).href, '--import', 'flux-capture/register']

/** How long a production may take. */
const PATIENCE_MS = 90_000

/**
 * Runs the productions side by side; all of it takes about 14 s.
 * @param options `folder` for their stores; `root` of the project; `node` the program to run them with
 * @returns the scenarios, each with its `recording` or `missing: true`
 */
export async function captureScenarios({ folder, root, node = process.execPath }) {
  const upstream = fork(fileURLToPath(new URL('upstream.mjs', here)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  try {
    const [{ port }] = await once(upstream, 'message')
    const captured = await Promise.all(
      PRODUCTIONS.map((production, index) =>
        produce(production, { store: join(folder, `${index}`), root, node, upstream: `http://127.0.0.1:${port}` }),
      ),
    )
    return captured.flat()
  } finally {
    upstream.kill()
  }
}

async function produce({ zone, startsAt, files }, { store, root, node, upstream }) {
  mkdirSync(store, { recursive: true })
  const config = join(store, 'flux.config.json')
  writeFileSync(config, JSON.stringify({ store, capture: { perFingerprint: 1000 } }))
  const env = { ...process.env, TZ: zone, STARTS_AT: startsAt ?? '', UPSTREAM: upstream, FLUX_CONFIG: config }
  for (const name of Object.keys(env)) if (/^(VITEST|JEST|VITE_|NODE_ENV$|TEST$)/.test(name)) delete env[name]
  const program = fileURLToPath(new URL('production.mjs', here))
  const child = fork(program, [files.join(',')], { cwd: root, env, execPath: node, execArgv: PRELOAD, silent: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk))
  const impatient = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const [code, signal] = await once(child, 'close')
  clearTimeout(impatient)
  if (code !== 0) throw new Error(`The production of ${files} ended with ${code ?? signal}:\n${output}`)
  const recordings = openDirectoryStore(store)
  const byTrigger = new Map()
  for await (const summary of recordings.list()) byTrigger.set(summary.trigger, summary.id)
  const scenarios = await loadScenarios(files)
  return await Promise.all(
    scenarios.map(async scenario => {
      const id = byTrigger.get(`time.${scenario.name}`)
      return id === undefined ? { ...scenario, missing: true } : { ...scenario, recording: await recordings.read(id) }
    }),
  )
}
