/** A real service with a bug, and the provider that it asks, for the tests of `flux extend`. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Entry, printFixture, readFixture } from 'flux-fixtures'
import { type Ran, type ScratchProject, scratchProject } from './project.example.ts'

/**
 * Asks for the stock, then for what `TAIL` says. The provider's new form of the stock is the bug; `FIXED` reads both forms.
 * Nothing in these requests is anything that sanitizing takes.
 */
export const SERVICE = `import { createServer } from 'node:http'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })

const provider = process.env.PROVIDER ?? 'http://127.0.0.1:9'
const ask = async (path, body) => {
  const sent = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(provider + path, sent)
  return await response.json()
}

export async function app(request, response) {
  try {
    const sku = new URL(request.url, 'http://service').searchParams.get('sku')
    const stock = await ask('/stock?sku=' + sku)
    const left = READ
    TAIL
  } catch (error) {
    if (process.env.TALK) console.error(error)
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"internal"}')
  }
}

if (process.argv[1]?.endsWith('app.mjs')) {
  const server = createServer(app).listen(0, '127.0.0.1', () => console.log('service listening on http://127.0.0.1:' + server.address().port))
  process.once('SIGTERM', () => server.close(() => pool.end()))
}
`
const BUGGY = 'stock.items.length'
const FIXED = '(stock.items ?? stock.data.items).length'

/** What the service does once it knows the stock, by name. */
export const TAILS = {
  price: `const price = await ask('/price?sku=' + sku)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ left, price: price.cents }))`,
  order: `const before = await ask('/orders/last')
    const order = await ask('/orders', { sku, left })
    const after = await ask('/orders/last')
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ order: order.id, before: before.id, after: after.id }))`,
  parallel: `const [price, tax] = await Promise.all([ask('/price?sku=' + sku), ask('/tax?sku=' + sku)])
    const both = await ask('/orders', { price: price.cents, tax: tax.id })
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ left, both: both.id }))`,
  booking: `const client = await pool.connect()
    await client.query('BEGIN')
    const booked = await client.query('INSERT INTO flux_bookings (room) VALUES ($1) RETURNING id', [sku])
    await client.query('COMMIT')
    client.release()
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ left, id: booked.rows[0].id }))`,
}

/** The request that every execution is started by. */
export const ASKED = '/price?sku=mug'

/** A scratch project with the service, captured against a real provider. */
export class Stall {
  /** A service that was captured: a success, a failure, in the order given. */
  static async captured(tail: string, order: readonly ('good' | 'bad')[]): Promise<Stall> {
    const stall = new Stall(tail)
    for (const what of order) {
      stall.renewed = what === 'bad'
      const [status = 0] = await stall.serve(ASKED)
      if (status >= 400 !== (what === 'bad')) throw new Error(`The service answered ${status}: ${stall.answers.at(-1)}`)
    }
    return stall
  }

  readonly project: ScratchProject
  readonly #tail: string
  readonly #answers: string[] = []
  #provider: Server | undefined
  #port = 0
  #orders = 0
  /** Whether the provider answers in the new form. */
  renewed = false
  /** Added to every answer of the provider. */
  extra: Readonly<Record<string, unknown>> = {}

  constructor(tail: string) {
    this.#tail = tail
    this.project = scratchProject({
      'package.json': JSON.stringify({ type: 'module', devDependencies: { vitest: '4' } }),
      'flux.config.mjs': "export default { entry: { http: './app.mjs#app' }, capture: { baseline: 1 } }\n",
      'vitest.config.mjs': "import flux from 'vitest-plugin-flux'\nexport default { plugins: [flux()] }\n",
    })
    this.code(BUGGY)
  }

  /** The service as it failed, or with its bug mended; `tail` differs from the captured one where a fix does. */
  code(read: string, tail = this.#tail): void {
    this.project.write({ 'app.mjs': SERVICE.replace('READ', () => read).replace('TAIL', () => tail) })
  }

  fix(tail = this.#tail): void {
    this.code(FIXED, tail)
  }

  /** Runs the captured service for requests, one after the other. */
  async serve(...paths: readonly string[]): Promise<number[]> {
    const provider = await this.#provide()
    const child = spawn(process.execPath, ['--import', 'flux-capture/register', 'app.mjs'], {
      cwd: this.project.dir,
      env: { ...process.env, PROVIDER: provider, FLUX_COMMIT: 'c0ffee' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const gone = new Promise<void>(resolve => child.once('close', () => resolve()))
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', chunk => {
        const said = / listening on (\S+)/.exec(String(chunk))?.[1]
        if (said !== undefined) resolve(said)
      })
      child.once('exit', code => reject(new Error(`The service ended with ${code}.`)))
    })
    const statuses: number[] = []
    for (const path of paths) {
      const response = await fetch(url + path)
      statuses.push(response.status)
      this.#answers.push(await response.text())
    }
    child.kill('SIGTERM')
    await gone
    return statuses
  }

  /** Pulls the newest failure, and gives what was said. */
  async pull(): Promise<string> {
    const listed = JSON.parse((await this.project.flux('list', '--status', '5xx', '--json')).out)
    const pulled = await this.project.flux('pull', listed.recordings[0].id)
    if (pulled.code !== 0) throw new Error(pulled.out + pulled.err)
    return pulled.out
  }

  /** The entries of the fixture. */
  get effects(): readonly Entry[] {
    return readFixture(this.fixtureText, 'fixture').effects
  }

  /** The fixture as it was before anything was added to it. */
  strip(): void {
    const fixture = readFixture(this.fixtureText, 'fixture')
    const effects = fixture.effects.filter(({ provenance }) => provenance === undefined)
    this.project.write({ [this.fixtureFile]: printFixture({ ...fixture, effects }) })
  }

  /** What the service answered, in order. */
  get answers(): readonly string[] {
    return this.#answers
  }

  /** The fixture in the test folder. */
  get fixtureFile(): string {
    const name = readdirSync(join(this.project.dir, 'test/flux')).find(one => one.endsWith('.flux.json'))
    return `test/flux/${name}`
  }

  get fixtureText(): string {
    return readFileSync(join(this.project.dir, this.fixtureFile), 'utf8')
  }

  extend(...options: readonly string[]): Promise<Ran> {
    return this.project.flux('extend', this.fixtureFile, ...options)
  }

  /** Runs the test that `flux pull` wrote, with the whole run required. */
  async complete(status: number): Promise<Ran> {
    const file = this.fixtureFile.replace(/\.json$/, '.test.js')
    const text = readFileSync(join(this.project.dir, file), 'utf8')
    const body = `toBeFixed({ complete: true })\n  expect(execution.response.status).toBe(${status})`
    this.project.write({ [file]: text.replace('toBeFixed()', () => body) })
    return await this.project.run('npx', ['vitest', 'run'], { NO_COLOR: '1' })
  }

  async remove(): Promise<void> {
    await new Promise(resolve => this.#provider?.close(resolve) ?? resolve(undefined))
    this.project.remove()
  }

  async #provide(): Promise<string> {
    if (!this.#provider) {
      this.#provider = createServer((request, response) => {
        const answer = (value: object) =>
          response
            .writeHead(200, { 'content-type': 'application/json', connection: 'close' })
            .end(JSON.stringify(value))
        request
          .resume()
          .once('end', () => answer({ ...this.#answerTo(request.method ?? '', request.url ?? ''), ...this.extra }))
      })
      await new Promise<void>(resolve => this.#provider?.listen(this.#port, '127.0.0.1', () => resolve()))
      this.#port = (this.#provider.address() as AddressInfo).port
    }
    return `http://127.0.0.1:${this.#port}`
  }

  #answerTo(method: string, url: string): object {
    if (url.startsWith('/stock')) {
      const items = [{ shelf: 'left' }, { shelf: 'right' }]
      return this.renewed ? { data: { items } } : { items }
    }
    if (url.startsWith('/price')) return { cents: 1450, currency: 'EUR', tiers: [{ from: 10, cents: 1300 }] }
    return { id: method === 'POST' ? ++this.#orders : this.#orders }
  }
}
