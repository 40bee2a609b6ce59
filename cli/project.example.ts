/** Scratch projects and hand-made recordings for the tests of the commands. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import {
  encodeBody,
  encodePayload,
  newId,
  openDirectoryStore,
  type Recording,
  type SanitizedRecording,
} from 'flux-fixtures'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface ScratchProject {
  readonly dir: string
  write(files: Readonly<Record<string, string>>): void
  keep(recording: Recording): Promise<SanitizedRecording>
  /** Runs the real `flux`. */
  flux(...args: string[]): Promise<Ran>
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>
  remove(): void
}

/** A project in a directory of its own, with the dependencies of this repository. */
export function scratchProject(files: Readonly<Record<string, string>> = {}): ScratchProject {
  const dir = mkdtempSync(join(tmpdir(), 'flux-cli-'))
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'), 'dir')
  const store = openDirectoryStore(join(dir, '.flux'))
  const project: ScratchProject = {
    dir,
    write(more) {
      for (const [name, content] of Object.entries(more)) {
        mkdirSync(dirname(join(dir, name)), { recursive: true })
        writeFileSync(join(dir, name), content)
      }
    },
    async keep(recording) {
      const kept = { sanitized: [], policy: { name: 'test', vocabulary: 'none' }, ...recording } as unknown
      await store.write(kept as SanitizedRecording)
      return kept as SanitizedRecording
    },
    flux: (...args) => project.run(process.execPath, [join(ROOT, 'cli/bin/flux.js'), ...args]),
    async run(command, args, env = {}) {
      const child = spawn(command, args, {
        cwd: dir,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const ended = new Promise<number | null>(resolve => child.once('close', resolve))
      const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
      return { code, out, err }
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
  project.write({
    'package.json': JSON.stringify({ type: 'module', devDependencies: { vitest: '4' } }),
    'flux.config.mjs':
      "export default { entry: { http: './src/app.ts#app', 'invoice.send': './src/invoice.ts#send' } }\n",
    ...files,
  })
  return project
}

/** A service with a bug: it answers 500 to a body without lines. */
export const APP = `import type { IncomingMessage, ServerResponse } from 'node:http'

export async function app(request: IncomingMessage, response: ServerResponse): Promise<void> {
  console.log('the app talks on stdout')
  let body = ''
  for await (const chunk of request) body += chunk
  try {
    const count = JSON.parse(body).lines.length
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ count }))
  } catch {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"internal"}')
  }
}
`

const JSON_TYPE = 'application/json'

function body(value: unknown) {
  return encodeBody({ raw: [Buffer.from(JSON.stringify(value))], type: JSON_TYPE })
}

/** The execution of a request that {@link APP} answers with 500. */
export function failedRequest(changes: Partial<Recording> & { readonly route?: string } = {}): Recording {
  const { route = '/checkout', ...others } = changes
  const startedAt = others.clock?.startedAt ?? Date.UTC(2026, 10, 20, 12)
  return {
    format: 1,
    id: newId(startedAt),
    kept: 'failure',
    trigger: {
      kind: 'http',
      route,
      request: {
        method: 'POST',
        url: '/checkout?coupon=SPRING',
        httpVersion: '1.1',
        headers: [
          ['host', 'shop.example'],
          ['content-type', JSON_TYPE],
        ],
        body: body({ cart: 42 }),
      },
    },
    ending: {
      kind: 'responded',
      response: { status: 500, headers: [['content-type', JSON_TYPE]], body: body({ error: 'internal' }) },
    },
    failure: {
      kind: 'response',
      status: 500,
      error: { class: 'TypeError', message: "Cannot read properties of undefined (reading 'length')" },
      afterCompletion: 0,
      afterIssue: 0,
    },
    environment: {
      commit: '4f1c0d2a',
      node: process.version,
      timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      locale: 'en-US',
      platform: process.platform,
      env: {},
    },
    clock: { startedAt, duration: 12, reads: [] },
    random: { draws: [] },
    effects: [],
    logs: [],
    ambient: { startedAt, effects: [], reads: [], draws: [], env: {}, earlier: [] },
    unattributed: 0,
    ...others,
  }
}

/** A success of the same trigger. */
export function succeededRequest(): Recording {
  const { failure: _failure, ...recording } = failedRequest()
  const response = { status: 200, headers: [], body: body({ count: 2 }) }
  return { ...recording, kept: 'baseline', ending: { kind: 'responded', response } }
}

/** The execution of a wrapped function that threw. */
export function failedCall(name: string, error: { readonly class: string; readonly message: string }): Recording {
  return {
    ...failedRequest(),
    trigger: { kind: 'call', name, args: encodePayload([{ id: 7 }]) },
    ending: { kind: 'threw', error: encodePayload(new TypeError(error.message)) },
    failure: { kind: 'throw', error, afterCompletion: 0, afterIssue: 0 },
  }
}
