/** The checkout example in production: a copy of its folder, its processes, a good Wednesday and a bad Saturday. */
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toFixture } from 'flux-codegen'
import { type Baseline, type Fixture, openDirectoryStore, printFixture } from 'flux-fixtures'
import type { Verdict } from 'flux-replay'
import { type StartedProcess, startProcess } from './process.ts'

const example = fileURLToPath(new URL('../examples/checkout', import.meta.url))
const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
const replayOnce = fileURLToPath(new URL('./replay-once.ts', import.meta.url))
const WEDNESDAY = '2026-11-18'
const SATURDAY = '2026-11-21'

/** A change of a file: its name, what stands there, what is to stand there. */
export type Edit = readonly [file: string, before: string, after: string]

/** What a command did. */
export interface Finished {
  readonly status: number | null
  readonly output: string
}

/** One answered checkout. */
export interface Checkout {
  readonly day: 'Wednesday' | 'Saturday'
  readonly status: number
  readonly body: string
  readonly id: string
}

/** Request, with everything in it that must not leave production. */
export interface CheckoutRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

export class Shop {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Copies the example to a folder of its own. */
  static async copy(): Promise<Shop> {
    const folder = await mkdtemp(join(tmpdir(), 'flux-shop-'))
    for (const name of await readdir(example)) {
      if (['node_modules', 'demo.ts', 'test', '.flux'].includes(name)) continue
      await cp(join(example, name), join(folder, name), { recursive: true })
    }
    await symlink(modules, join(folder, 'node_modules'), 'junction')
    return new Shop(folder)
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }

  /**
   * Runs the shop captured: one checkout on a Wednesday, one on a Saturday, then everything is stopped.
   * @param env for the shop and the provider, beside what they need
   * @param request what the customer sends; `cartId` is set here
   */
  async produce(env: Readonly<Record<string, string>>, request: CheckoutRequest): Promise<Checkout[]> {
    const running: StartedProcess[] = []
    const start = async (file: string, more: Record<string, string>, ...options: string[]) => {
      const preload = file.startsWith('src/') ? ['flux-capture/register'] : []
      const started = await startProcess(
        file,
        { PORT: '0', ...env, ...more },
        { cwd: this.folder, args: options, preload },
      )
      running.push(started)
      return started
    }
    try {
      const database = await start('database/server.ts', {})
      const prices = await start('provider/server.ts', {}, '--date', WEDNESDAY)
      const shop = await start('src/server.ts', { DATABASE_URL: database.url, PRICES_URL: prices.url })
      const answers = [await checkOut(shop.url, 'Wednesday', 1, request)]
      await prices.stop()
      await start('provider/server.ts', { PORT: new URL(prices.url).port }, '--date', SATURDAY)
      answers.push(await checkOut(shop.url, 'Saturday', 4, request))
      return answers
    } finally {
      // The shop goes first: it writes what it has captured.
      for (const process of running.reverse().sort(process => (process.output().startsWith('checkout') ? -1 : 1))) {
        await process.stop()
      }
    }
  }

  /** Edits files for good. */
  async edit(edits: readonly Edit[]): Promise<void> {
    for (const [name, before, after] of edits) {
      const file = join(this.folder, name)
      const text = await readFile(file, 'utf8')
      if (!text.includes(before)) throw new Error(`${name} does not have the text to replace: ${before}`)
      await writeFile(
        file,
        text.replace(before, () => after),
      )
    }
  }

  /** The fixture of a captured execution, with the proof that a pull would give it. */
  async fixtureOf(id: string, baseline?: Baseline): Promise<Fixture> {
    const recording = await openDirectoryStore(join(this.folder, '.flux')).read(id)
    const fixture = toFixture(recording, {
      title: 'POST /checkout no longer answers 500',
      ...(baseline && { baseline }),
    })
    return { ...fixture, proof: { result: 'reproduced', runs: 5, of: fixture.digest } }
  }

  /** Replays a fixture on the code with some edits, in a process of its own. */
  async replay(fixture: Fixture, edits: readonly Edit[]): Promise<Verdict> {
    const file = join(this.folder, 'a.flux.json')
    await writeFile(file, printFixture(fixture))
    const names = [...new Set(edits.map(([name]) => join(this.folder, name)))]
    const originals = await Promise.all(names.map(name => readFile(name, 'utf8')))
    try {
      await this.edit(edits)
      const { output } = this.command(process.execPath, ['--import', 'tsx', replayOnce, file, 'src/app.ts', 'app'])
      const line = /^verdict (.*)$/m.exec(output)?.[1]
      if (line === undefined) throw new Error(output)
      return JSON.parse(line) as Verdict
    } finally {
      for (const [index, name] of names.entries()) await writeFile(name, originals[index] as string)
    }
  }

  /** Runs a program of a package of the project: `flux`, `vitest`, `jest`. */
  bin(module: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Finished {
    return this.command(process.execPath, [join(modules, module), ...args], env)
  }

  flux(...args: string[]): Finished {
    return this.bin('fluxcli/bin/flux.js', args)
  }

  vitest(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Finished {
    return this.bin('vitest/vitest.mjs', ['run', '--exclude', 'test/jest/**', ...args], env)
  }

  jest(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Finished {
    return this.bin('jest/bin/jest.js', ['test/jest', ...args], env)
  }

  /** Applies the fix, or takes it back. */
  fix(...options: string[]): Finished {
    return this.command('git', ['apply', ...options, 'fix.patch'])
  }

  command(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Finished {
    const { status, stdout, stderr } = spawnSync(file, args, {
      cwd: this.folder,
      env: { ...withoutRunner(process.env), GIT_CEILING_DIRECTORIES: tmpdir(), ...env },
      encoding: 'utf8',
    })
    return { status, output: `${stdout}${stderr}` }
  }
}

/** A runner started by a runner must not take itself for its worker. */
function withoutRunner(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(VITEST|JEST|NODE_ENV$|TEST$|VITE_)/.test(name)))
}

async function checkOut(
  url: string,
  day: Checkout['day'],
  cartId: number,
  request: CheckoutRequest,
): Promise<Checkout> {
  const response = await fetch(`${url}/checkout`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...request.headers },
    body: JSON.stringify({ cartId, ...request.body }),
  })
  const id = response.headers.get('x-flux-execution-id')
  if (id === null) throw new Error(`No execution id on a ${response.status}.`)
  return { day, status: response.status, body: await response.text(), id }
}
