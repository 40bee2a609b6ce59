import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openDirectoryStore, type SanitizedRecording } from 'flux-fixtures'

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
const started: Service[] = []

export interface ServiceOptions {
  /** Text of `app.mjs`; it prints `listening <port>` once it serves. */
  readonly source: string
  /** Text of `flux.config.mjs`. */
  readonly config?: string
  readonly env?: Record<string, string>
  /** Arguments of node; the preload by default. */
  readonly preload?: readonly string[]
}

/** A program in a process and a folder of its own, captured. */
export class Service {
  readonly folder = mkdtempSync(join(tmpdir(), 'flux-capture-'))
  readonly child: ChildProcess
  readonly exited: Promise<number | null>
  stdout = ''
  stderr = ''

  constructor({ source, config, env, preload = ['--import', 'flux-capture/register'] }: ServiceOptions) {
    started.push(this)
    symlinkSync(modules, join(this.folder, 'node_modules'), 'junction')
    writeFileSync(join(this.folder, 'app.mjs'), source)
    if (config !== undefined) writeFileSync(join(this.folder, 'flux.config.mjs'), config)
    const { VITEST: _, NODE_OPTIONS: __, ...inherited } = process.env
    this.child = spawn(process.execPath, [...preload, 'app.mjs'], {
      cwd: this.folder,
      env: { ...inherited, FLUX_COMMIT: 'c0ffee', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stdout?.on('data', chunk => {
      this.stdout += chunk
    })
    this.child.stderr?.on('data', chunk => {
      this.stderr += chunk
    })
    this.exited = once(this.child, 'close').then(([code]) => code as number | null)
  }

  /** Where it listens. */
  async url(): Promise<string> {
    for (;;) {
      const port = /listening (\d+)/.exec(this.stdout)?.[1]
      if (port) return `http://127.0.0.1:${port}`
      if (this.child.exitCode !== null) throw new Error(`The service ended: ${this.stderr}`)
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  }

  async post(path: string, body: unknown): Promise<Response> {
    return fetch(`${await this.url()}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  /** Ends the process as a deployment does, and returns its exit code. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM')
    return this.exited
  }

  /** What it has written, oldest first. */
  async recordings(): Promise<SanitizedRecording[]> {
    const store = openDirectoryStore(join(this.folder, '.flux'))
    const found: SanitizedRecording[] = []
    for await (const { id } of store.list()) found.push(await store.read(id))
    return found.sort((a, b) => (a.id < b.id ? -1 : 1))
  }
}

/** Ends every service and removes its folder. */
export async function stopServices(): Promise<void> {
  for (const service of started.splice(0)) {
    if (service.child.exitCode === null && service.child.signalCode === null) service.child.kill('SIGKILL')
    await service.exited
    rmSync(service.folder, { recursive: true, force: true })
  }
}
