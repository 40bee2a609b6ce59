/** A copy of the repository that may be broken: same packages, its own sources and builds. */
import { spawn } from 'node:child_process'
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'

export interface Ended {
  readonly code: number | null
  /** What it printed. */
  readonly output: string
}

export interface Copy {
  readonly folder: string
  read(file: string): string
  write(file: string, text: string): void
  /** Runs Node in the copy. What it does not end within `limitMs` is killed. */
  node(args: readonly string[], limitMs: number): Promise<Ended>
  /** Compiles and bundles what changed. @throws with what the compiler says */
  build(): Promise<void>
}

const LEFT_OUT = new Set(['node_modules', '.git'])
const BUILD_MS = 180_000

/** Copies the repository at `root` to `folder`, which must not exist. Builds are copied with it. */
export function copyRepository(root: string, folder: string): Copy {
  cpSync(root, folder, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    filter: source => !LEFT_OUT.has(relative(root, source)),
  })
  linkPackages(join(root, 'node_modules'), join(folder, 'node_modules'))
  const copy: Copy = {
    folder,
    read: file => readFileSync(join(folder, file), 'utf8'),
    write: (file, text) => writeFileSync(join(folder, file), text),
    node: (args, limitMs) => node(folder, args, limitMs),
    async build() {
      for (const args of [['node_modules/typescript/bin/tsc', '-b'], ['scripts/build-cjs.mjs']]) {
        const { code, output } = await copy.node(args, BUILD_MS)
        if (code !== 0) throw new Error(`${args[0]} ended with ${code}:\n${output}`)
      }
    },
  }
  return copy
}

/** A workspace's link leads to a folder beside `node_modules` and is copied as it is; everything else is linked. */
function linkPackages(from: string, to: string): void {
  mkdirSync(to)
  for (const name of readdirSync(from)) {
    const path = join(from, name)
    if (name === '.bin') mirrorLinks(path, join(to, name))
    else if (name.startsWith('.')) continue
    else if (lstatSync(path).isSymbolicLink() && !isAbsolute(readlinkSync(path)))
      symlinkSync(readlinkSync(path), join(to, name))
    else symlinkSync(path, join(to, name))
  }
}

function mirrorLinks(from: string, to: string): void {
  mkdirSync(to)
  for (const name of readdirSync(from)) {
    const path = join(from, name)
    if (lstatSync(path).isSymbolicLink()) symlinkSync(readlinkSync(path), join(to, name))
    else cpSync(path, join(to, name))
  }
}

function node(cwd: string, args: readonly string[], limitMs: number): Promise<Ended> {
  const {
    VITEST: _,
    VITEST_WORKER_ID: __,
    VITEST_POOL_ID: ___,
    NODE_OPTIONS: ____,
    NODE_ENV: _____,
    ...env
  } = process.env
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
      killSignal: 'SIGKILL',
    })
    let output = ''
    const hear = (chunk: Buffer) => {
      output += chunk
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('error', reject)
    child.on('close', code => resolve({ code, output }))
  })
}
