// One failure of the service and one of its job, recorded as production would: what the replays replay.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDirectoryStore } from 'flux-fixtures'
import { start } from './child.mjs'
import { orderOf } from './schema.mjs'

/** What has Flux record a process. */
export const PRELOAD = ['--import', 'flux-capture/register']
const PATIENCE_MS = 5000

/**
 * @param options `databaseUrl`; `folder` for the configuration and the store; `root`, the repository
 * @returns the recordings: `http` of `POST /orders`, `call` of the wrapped function behind it
 */
export async function recordFailures({ databaseUrl, folder, root }) {
  const store = join(folder, 'store')
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'flux.config.json')
  writeFileSync(config, JSON.stringify({ store, capture: { baseline: 0 } }))
  const quotes = await start('quotes.mjs')
  const env = { DATABASE_URL: databaseUrl, QUOTES_URL: `http://127.0.0.1:${quotes.port}`, FLUX_CONFIG: config }
  const recorded = name => start(name, { cwd: root, env, execArgv: PRELOAD })
  const server = await recorded('server.mjs')
  const job = await recorded('job-process.mjs')
  try {
    const call = await keptBy(store, ({ trigger }) => trigger.kind === 'call')
    return { call, http: await requested(server.port, store) }
  } finally {
    for (const child of [server, job, quotes]) await child.stop()
  }
}

async function requested(port, store) {
  const response = await fetch(`http://127.0.0.1:${port}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: orderOf(1, 'spring'),
  })
  await response.text()
  const id = response.headers.get('x-flux-execution-id')
  if (response.status !== 500 || id === null) throw new Error(`The captured service answered ${response.status}`)
  return await keptBy(store, recording => recording.id === id)
}

/** The writer has a thread of its own. */
async function keptBy(folder, isMeant) {
  const until = performance.now() + PATIENCE_MS
  while (performance.now() < until) {
    await new Promise(resolve => setTimeout(resolve, 50))
    const store = openDirectoryStore(folder)
    for (const id of await store.find('')) {
      const recording = await store.read(id)
      if (isMeant(recording)) return recording
    }
  }
  throw new Error('A failed execution was not kept')
}
