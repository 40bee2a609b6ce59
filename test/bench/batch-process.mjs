// Runs its side of a pair in batches when told to, and tells what each took: `batch-process.mjs <mode> <folder>`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const now = performance.now.bind(performance)
const [mode, folder] = process.argv.slice(2)
const load = name => import(pathToFileURL(join(folder, name)).href)
const once = await {
  stub,
  'http stub': httpStub,
  call: () => replayed('job.mjs', 'place'),
  http: () => replayed('app.mjs', 'app'),
}[mode]()

process.on('message', async size => {
  const before = process.cpuUsage()
  const startedAt = now()
  for (let turn = 0; turn < size; turn++) await once()
  const wallMs = now() - startedAt
  const { user, system } = process.cpuUsage(before)
  process.send({ wallMs: wallMs / size, cpuMs: (user + system) / 1000 / size })
})
process.on('disconnect', () => process.exit())
process.send({ ready: true })

async function stub() {
  const { placeOrder } = await load('service.mjs')
  const { order, pool, stubFetch } = await load('canned.mjs')
  globalThis.fetch = stubFetch
  return async () => {
    const placed = await placeOrder(pool, 'http://quotes.test', JSON.parse(order))
    if (placed.id !== 7) throw new Error(JSON.stringify(placed))
  }
}

async function httpStub() {
  const { createApp } = await load('service.mjs')
  const { order, pool, stubFetch } = await load('canned.mjs')
  const realFetch = globalThis.fetch
  globalThis.fetch = stubFetch
  const server = createApp(pool, 'http://quotes.test').listen(0)
  await new Promise(resolve => server.once('listening', resolve))
  const address = `http://127.0.0.1:${server.address().port}/orders`
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: order }
  return async () => {
    const answer = await realFetch(address, request)
    await answer.text()
    if (answer.status !== 201) throw new Error(`It answered ${answer.status}`)
  }
}

async function replayed(module, name) {
  const { arm, judgeFixed, replayArmed } = await import('flux-replay/runner')
  const { readFixture } = await import('flux-fixtures')
  const file = join(folder, `${mode}.flux.json`)
  arm(readFixture(readFileSync(file, 'utf8'), file))
  const { [name]: entry } = await load(module)
  return async () => {
    const { pass, message } = judgeFixed(await replayArmed(entry), { complete: true })
    if (!pass) throw new Error(message())
  }
}
