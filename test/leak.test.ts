/** Nothing secret that a failing request, a provider and rows carried is in any byte that Flux writes or prints. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { filesBelow, freshSecrets, leaksIn, ROUTES, requestOf, SERVER } from './leak.ts'
import { startProcess } from './process.ts'

const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flux-leak-'))
const temporary = join(folder, 'tmp')
const table = `flux_leak_${process.pid}`
const secrets: Record<string, string> = freshSecrets()
const fixed = secrets as unknown as ReturnType<typeof freshSecrets>
const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
const upstream = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    if (!request.url?.startsWith('/pay')) return response.writeHead(204).end()
    response.writeHead(402, { 'content-type': 'application/json', 'set-cookie': `up=${fixed.upstreamCookie}; Path=/` })
    response.end(JSON.stringify({ message: `declined for ${fixed.upstreamEmail}`, access_token: fixed.upstreamToken }))
  })
})
let id = ''
let service = ''

function flux(...args: string[]): { status: number | null; output: string } {
  const done = spawnSync(process.execPath, [join(modules, 'fluxcli/bin/flux.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', TMPDIR: temporary },
  })
  return { status: done.status, output: done.stdout + done.stderr }
}

beforeAll(async () => {
  mkdirSync(temporary)
  symlinkSync(modules, join(folder, 'node_modules'), 'junction')
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', devDependencies: { vitest: '4' } }))
  writeFileSync(join(folder, 'routes.mjs'), ROUTES)
  writeFileSync(join(folder, 'server.mjs'), SERVER)
  writeFileSync(join(folder, 'flux.config.mjs'), "export default { entry: { http: './routes.mjs#app' } }\n")
  await client.connect()
  await client.query(`CREATE TABLE ${table} (id serial, email text UNIQUE, password_hash text, token text, secret text,
    note text, settings jsonb, photo bytea)`)
  await client.query(
    `INSERT INTO ${table} (email, password_hash, token, note, settings, photo) VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      fixed.rowEmail,
      fixed.rowHash,
      fixed.rowToken,
      `ask ${fixed.rowNote}`,
      { api_key: fixed.rowJson },
      Buffer.from(`p ${fixed.rowBytes}`),
    ],
  )
  await client.query(`INSERT INTO ${table} (email) VALUES ($1)`, [fixed.detailEmail])
  await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve))
  const database = new URL(process.env.DATABASE_URL ?? '')
  // Servers that trust every client take any password.
  database.password = fixed.envUrlPassword
  const started = await startProcess(
    'server.mjs',
    {
      DATABASE_URL: database.href,
      CANARY_TABLE: table,
      UPSTREAM: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
      PROVIDER_SECRET: fixed.envSecret,
      TMPDIR: temporary,
      VITEST: '',
    },
    { cwd: folder, preload: ['flux-capture/register'] },
  )
  const { path, headers, body } = requestOf(fixed)
  const answer = await fetch(started.url + path, { method: 'POST', headers, body })
  expect(answer.status).toBe(500)
  for (const cookie of answer.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^(\w+)=([^;]+)/.exec(cookie) ?? []
    secrets[`drawn ${name}`] = value
  }
  id = answer.headers.get('x-flux-execution-id') ?? ''
  await answer.text()
  await started.stop()
  service = started.output()
})

afterAll(async () => {
  await client.query(`DROP TABLE IF EXISTS ${table}`)
  await client.end()
  upstream.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the store has none of the secrets, and Flux says none of them', async () => {
  const written = (await filesBelow(folder)).filter(({ file }) => !/(?:routes|server|config)\.mjs$/.test(file))
  expect(written.filter(({ file }) => file.endsWith('.json')).length).toBeGreaterThan(1)
  expect(written.flatMap(({ text }) => leaksIn(text, secrets))).toEqual([])
  const said = service.split('\n').filter(line => line.startsWith('flux'))
  expect(said).toEqual([])
})

test('nor do the fixture, the test and what every command prints', async () => {
  const commands = [
    ['list'],
    ['list', '--json'],
    ['pull', id, '--json'],
    ['check'],
    ['check', '--json'],
    ['pull', 'zzzz'],
  ].map(args => ({ args, ...flux(...args) }))
  expect(commands.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0, 2])
  for (const { args, output } of commands) expect(leaksIn(output, secrets), args.join(' ')).toEqual([])
  const written = (await filesBelow(folder)).filter(({ file }) => !/(?:routes|server|config)\.mjs$/.test(file))
  expect(written.some(({ file }) => file.includes('.flux.test.'))).toBe(true)
  expect(written.flatMap(({ file, text }) => leaksIn(text, secrets).map(leak => `${file} ${leak}`))).toEqual([])
})

test('nor does what is printed where the code of today asks for something else', async () => {
  const changes = [
    ROUTES.replace("throw new TypeError('payment of '", "throw new RangeError('payment for '"),
    ROUTES.replace('throw new TypeError', 'return response.json({ note: body.note }); new TypeError'),
  ]
  for (const routes of changes) {
    expect(routes).not.toBe(ROUTES)
    writeFileSync(join(folder, 'routes.mjs'), routes)
    const { status, output } = flux('pull', id)
    expect(output).toMatch(/^flux: not proven/m)
    expect(status).toBe(1)
    expect(leaksIn(output, secrets)).toEqual([])
  }
})
