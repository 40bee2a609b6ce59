/** Captures the failures of the corpus for real: one process for many programs, a real Postgres, a real upstream. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toFixture } from 'flux-codegen'
import { type Fixture, openDirectoryStore, type Store } from 'flux-fixtures'
import pg from 'pg'
import { baselineOf } from '../../cli/recording.ts'
import type { Bug, Trigger, Upstream } from './bug.ts'

const host = fileURLToPath(new URL('./production.mjs', import.meta.url))
const programs = fileURLToPath(new URL('./programs/', import.meta.url))
/** How long production may take to end once all is asked of it. */
const PATIENCE_MS = 20_000
const DATABASE = `flux_fixes_${process.pid}`

/** The text of a program. */
export function programOf(folder: string, name: string): string {
  return join(folder, 'programs', `${name}.mjs`)
}

/** Copies programs to a folder of their own. */
export function copyPrograms(folder: string, names: readonly string[]): void {
  mkdirSync(join(folder, 'programs'), { recursive: true })
  for (const name of ['database', ...names]) copyFileSync(join(programs, `${name}.mjs`), programOf(folder, name))
}

/** Makes the tables of all bugs, in a database of their own where the server can have more than one. */
export async function startDatabase(bugs: readonly Bug[]): Promise<{ url: string; stop(): Promise<void> }> {
  const url = process.env.DATABASE_URL ?? ''
  const one = process.env.FLUX_EMBEDDED_POSTGRES === '1'
  const statement = async (connectionString: string, text: string) => {
    const client = new pg.Client({ connectionString })
    await client.connect()
    await client.query(text).finally(() => client.end())
  }
  const own = new URL(url)
  if (!one) {
    own.pathname = `/${DATABASE}`
    await statement(url, `CREATE DATABASE ${DATABASE}`)
  }
  await statement(own.href, bugs.map(({ sql }) => sql ?? '').join(';\n'))
  return {
    url: own.href,
    stop: async () => {
      if (!one) await statement(url, `DROP DATABASE ${DATABASE} WITH (FORCE)`)
    },
  }
}

/** Serves the upstreams of all bugs. */
export async function startUpstream(bugs: readonly Bug[]): Promise<{ url: string; stop(): void }> {
  const routes: Upstream = Object.assign({}, ...bugs.map(({ upstream }) => upstream))
  const calls: Record<string, number> = {}
  const server = http.createServer(async (request, response) => {
    const route = `${request.method} ${request.url}`
    calls[route] = (calls[route] ?? 0) + 1
    const nth = calls[route]
    let body = ''
    for await (const chunk of request) body += chunk
    const respond = routes[route]
    if (respond) return respond(response, { request, body, nth })
    response.writeHead(404).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/**
 * Runs programs captured, starts each with its triggers, and returns the unproven fixture of each failure.
 * @param env of the process
 */
export async function produce(
  folder: string,
  bugs: readonly Bug[],
  env: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, Fixture>> {
  const crashing = bugs.filter(({ crashes }) => crashes)
  const groups = [bugs.filter(({ crashes }) => !crashes), ...crashing.map(bug => [bug])]
  await Promise.all(groups.map((group, index) => runCaptured(folder, group, { ...env, FLUX_STORE: `.flux-${index}` })))
  const fixtures = new Map<string, Fixture>()
  for (const [index, group] of groups.entries()) {
    const store = openDirectoryStore(join(folder, `.flux-${index}`))
    for (const bug of group) fixtures.set(bug.program, await fixtureOf(bug, store))
  }
  return fixtures
}

async function runCaptured(folder: string, bugs: readonly Bug[], env: Readonly<Record<string, string>>): Promise<void> {
  const { VITEST: _, NODE_OPTIONS: __, ...inherited } = process.env
  const args = ['--import', 'flux-capture/register', host, ...bugs.map(({ program }) => program)]
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...inherited, FLUX_COMMIT: 'c0ffee', TZ: 'Europe/Berlin', ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let printed = ''
  child.stderr?.on('data', chunk => {
    printed += chunk
  })
  const exited = once(child, 'close')
  const [{ ports }] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error(printed))),
  ])) as [{ ports: Record<string, number> }]
  const triggers = bugs.flatMap(bug => [...(bug.before ?? []), bug.trigger].map(trigger => ({ bug, trigger })))
  for (const { bug, trigger } of triggers) await start(child, bug.program, ports, trigger)
  // One that crashed does not hear it.
  child.send({ triggers: triggers.length }, () => {})
  const impatient = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  await exited
  clearTimeout(impatient)
}

async function start(
  child: ChildProcess,
  program: string,
  ports: Readonly<Record<string, number>>,
  trigger: Trigger,
): Promise<void> {
  if ('args' in trigger) {
    child.send({ name: program, args: trigger.args })
    await once(child, 'message')
    return
  }
  const [method, path] = trigger.request.split(' ')
  const text = trigger.body === undefined ? undefined : JSON.stringify(trigger.body)
  const headers = { ...(text !== undefined && { 'content-type': 'application/json' }), ...trigger.headers }
  const init = { method: method as string, headers, ...(text !== undefined && { body: text }) }
  await fetch(`http://127.0.0.1:${ports[program]}${path}`, init).then(
    response => response.text(),
    () => undefined,
  )
}

async function fixtureOf({ program }: Bug, store: Store): Promise<Fixture> {
  for await (const summary of store.list({})) {
    if ('corrupt' in summary || summary.fingerprint === undefined) continue
    const recording = await store.read(summary.id)
    const { trigger } = recording
    const name = trigger.kind === 'call' ? trigger.name : (trigger.request.url.split(/[/?]/)[1] ?? '')
    if (name !== program) continue
    const baseline = await baselineOf(trigger, store)
    return toFixture(recording, { title: program, ...(baseline && { baseline }) })
  }
  throw new Error(`${program} did not fail in production.`)
}
