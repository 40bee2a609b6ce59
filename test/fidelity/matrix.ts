/** Captures scenarios for real, takes the servers away, and replays them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toFixture } from 'flux-codegen'
import { type Fixture, openDirectoryStore, printFixture } from 'flux-fixtures'
import type { Replayed } from './replays.ts'
import { startService } from './service.ts'

const PROCESSES = 2
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const modules = here('../../node_modules')
const FLUX_CONFIG = "export default { capture: { maxBytes: '64mb', drainMs: 500 } }\n"

/** What production was. */
export interface Produced {
  readonly seen: Readonly<Record<string, readonly unknown[]>>
  readonly strays: readonly unknown[]
  readonly stats: { readonly kept: number; readonly dropped: object; readonly failedWrites: number }
}

/** Production and replay of each scenario. */
export interface Matrix {
  readonly produced: readonly Produced[]
  readonly fixtures: ReadonlyMap<string, Fixture>
  readonly seen: Readonly<Record<string, readonly unknown[]>>
  readonly replayed: Readonly<Record<string, Replayed>>
  readonly milliseconds: { readonly production: number; readonly replay: number }
}

export async function runMatrix(names: readonly string[]): Promise<Matrix> {
  const folder = await mkdtemp(join(tmpdir(), 'flux-fidelity-'))
  try {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
    await writeFile(join(folder, 'flux.config.mjs'), FLUX_CONFIG)
    await symlink(modules, join(folder, 'node_modules'), 'junction')
    const began = performance.now()
    const produced = await produce(folder, names)
    const between = performance.now()
    const fixtures = await fixturesIn(folder)
    const replayed = await replayAll(folder, fixtures)
    return {
      produced,
      fixtures,
      seen: Object.assign({}, ...produced.map(({ seen }) => seen)),
      replayed,
      milliseconds: { production: between - began, replay: performance.now() - between },
    }
  } finally {
    if (process.env.FLUX_KEEP === undefined) await rm(folder, { recursive: true, force: true })
    else process.stderr.write(`kept ${folder}\n`)
  }
}

async function produce(folder: string, names: readonly string[]): Promise<Produced[]> {
  const service = await startService()
  try {
    return await every(
      dealt(names).map(async (dealtNames, index) => {
        const file = join(folder, `produced-${index}.json`)
        const preload = ['--import', 'flux-capture/register']
        await child(folder, [...preload, here('production.ts'), JSON.stringify(service.world), file, ...dealtNames])
        return JSON.parse(await readFile(file, 'utf8')) as Produced
      }),
    )
  } finally {
    await service.stop()
  }
}

/** The fixture of each recording, by scenario. */
async function fixturesIn(folder: string): Promise<Map<string, Fixture>> {
  const store = openDirectoryStore(join(folder, '.flux'))
  const fixtures = new Map<string, Fixture>()
  for await (const { id } of store.list()) {
    const recording = await store.read(id)
    const { trigger } = recording
    const [title] = trigger.kind === 'call' ? (trigger.args as string[]) : []
    if (title !== undefined) fixtures.set(title, toFixture(recording, { title }))
  }
  return fixtures
}

async function replayAll(folder: string, fixtures: ReadonlyMap<string, Fixture>): Promise<Record<string, Replayed>> {
  await mkdir(join(folder, 'fixtures'))
  const files = await Promise.all(
    [...fixtures.values()].map(async (fixture, index) => {
      const file = join(folder, 'fixtures', `${index}.flux.json`)
      await writeFile(file, printFixture(fixture))
      return file
    }),
  )
  const parts = await every(
    dealt(files).map(async (dealtFiles, index) => {
      const file = join(folder, `replayed-${index}.json`)
      await child(folder, [here('replays.ts'), file, ...dealtFiles])
      return JSON.parse(await readFile(file, 'utf8')) as Record<string, Replayed>
    }),
  )
  return Object.assign({}, ...parts)
}

/** As `Promise.all`, but nothing is left under way when one fails. */
async function every<T>(under: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(under)
  return Promise.all(under)
}

/** Dealt out to the processes in turn. */
function dealt(all: readonly string[]): string[][] {
  return Array.from({ length: PROCESSES }, (_, process) => all.filter((_, index) => index % PROCESSES === process))
}

async function child(cwd: string, args: readonly string[]): Promise<void> {
  const running = spawn(process.execPath, ['--import', 'tsx', ...args], {
    cwd,
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code, signal] = await once(running, 'exit')
  if (code !== 0) throw new Error(`${args.find(arg => arg.endsWith('.ts'))} ended with ${code ?? signal}.`)
}
