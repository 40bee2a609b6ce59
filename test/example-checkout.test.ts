import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

const example = fileURLToPath(new URL('../examples/checkout', import.meta.url))
const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
const key = 'prices-key-for-tests'
const session = 'ses_Zk3vQ9aTnL4xW7cB'

interface Process {
  url: string
  stderr: () => string
}

const children: ChildProcess[] = []
const temporary: string[] = []

async function start(folder: string, file: string, env: Record<string, string>, ...args: string[]): Promise<Process> {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: folder,
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', code => reject(new Error(`${file} ended with ${code}: ${stderr}`)))
    child.stdout.on('data', chunk => {
      stdout += chunk
      const listening = /listening on (\S+).*\n/.exec(stdout)
      if (listening?.[1]) resolve(listening[1])
    })
  })
  return { url, stderr: () => stderr }
}

async function checkout(service: Process, cartId: number): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${service.url}/checkout`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${session}`,
      cookie: 'basket=b_7Qm2; consent=all',
    },
    body: JSON.stringify({
      cartId,
      email: 'mina.okafor@example.com',
      payment: { token: 'tok_9fT2xLw4', card: '4242424242424242' },
    }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function copyOfExample(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flux-checkout-'))
  temporary.push(folder)
  for (const name of ['src', 'package.json', 'fix.patch']) {
    await cp(join(example, name), join(folder, name), { recursive: true })
  }
  await symlink(modules, join(folder, 'node_modules'), 'junction')
  return folder
}

function apply(folder: string, ...options: string[]): void {
  const { status, stderr } = spawnSync('git', ['apply', ...options, 'fix.patch'], {
    cwd: folder,
    env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
}

let database: Process
let weekday: Process
let saturday: Process
let rows: pg.Client

function serve(folder: string, provider: Process): Promise<Process> {
  return start(folder, 'src/server.ts', { DATABASE_URL: database.url, PRICES_URL: provider.url, PRICES_KEY: key })
}

beforeAll(async () => {
  ;[database, weekday, saturday] = await Promise.all([
    start(example, 'database/server.ts', {}),
    start(example, 'provider/server.ts', {}, '--date', '2026-11-18'),
    start(example, 'provider/server.ts', { PROVIDER_DATE: '2026-11-21' }),
  ])
  rows = new pg.Client(database.url)
  await rows.connect()
}, 30_000)

afterAll(async () => {
  await rows?.end()
  // The database goes last: a pool whose server vanishes first reports it on stderr.
  for (const child of children.reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const impatience = setTimeout(() => child.kill('SIGKILL'), 3000)
    await ended
    clearTimeout(impatience)
  }
  for (const folder of temporary) await rm(folder, { recursive: true, force: true })
}, 30_000)

test('a checkout on a weekday answers 201 and writes the order', async () => {
  const service = await serve(example, weekday)
  const { status, body } = await checkout(service, 4)
  expect({ status, body }).toMatchObject({ status: 201, body: { total: 1450 + 2 * 890 + 5900, currency: 'EUR' } })

  const orders = await rows.query('SELECT * FROM orders WHERE cart_id = 4')
  expect(orders.rows).toMatchObject([{ id: body.orderId, customer_id: 1, card_last4: '4242', total: body.total }])
  const lines = await rows.query('SELECT sku, quantity, price FROM order_lines WHERE order_id = $1 ORDER BY sku', [
    body.orderId,
  ])
  expect(lines.rows).toEqual([
    { sku: 'kettle-steel', quantity: 1, price: 5900 },
    { sku: 'mug-blue', quantity: 1, price: 1450 },
    { sku: 'tea-assam', quantity: 2, price: 890 },
  ])
  const carts = await rows.query('SELECT status FROM carts WHERE id = 4')
  expect(carts.rows).toEqual([{ status: 'ordered' }])
})

test('clients of the database do not disturb each other', async () => {
  const service = await serve(example, weekday)
  const answers = await Promise.all([10, 13, 16, 19, 22, 25, 28, 31].map(cartId => checkout(service, cartId)))
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201))
  const rivals = await Promise.all([34, 34, 34].map(cartId => checkout(service, cartId)))
  expect(rivals.map(({ status }) => status).filter(status => status === 201)).toHaveLength(1)
  expect(service.stderr()).toBe('')
})

test('a checkout on a Saturday answers 500 with a TypeError and writes nothing', async () => {
  const service = await serve(example, saturday)
  expect(await checkout(service, 7)).toEqual({ status: 500, body: { error: 'internal' } })
  expect(service.stderr()).toMatch(/^TypeError: Cannot read properties of undefined \(reading 'map'\)/m)
  expect(service.stderr()).toContain('src/prices.ts:')
  const { rows: left } = await rows.query('SELECT count(*)::int AS orders FROM orders WHERE cart_id = 7')
  expect(left).toEqual([{ orders: 0 }])
})

test('the patch makes both days answer 201, and reverts', async () => {
  const folder = await copyOfExample()
  apply(folder)
  const services = await Promise.all([serve(folder, saturday), serve(folder, weekday)])
  const answers = await Promise.all([checkout(services[0], 7), checkout(services[1], 1)])
  expect(answers).toMatchObject([
    { status: 201, body: { total: 4 * 1450 + 2 * 890 } },
    { status: 201, body: { total: 2 * 1450 + 2 * 890 } },
  ])
  apply(folder, '-R')
  expect(await readFile(join(folder, 'src/prices.ts'), 'utf8')).toBe(
    await readFile(join(example, 'src/prices.ts'), 'utf8'),
  )
})
