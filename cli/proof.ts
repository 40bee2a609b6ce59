import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { EntryPoint } from 'flux-codegen'
import { type Fixture, FluxError, type FluxErrorCode, printFixture } from 'flux-fixtures'
import type { Verdict } from 'flux-replay'
import { provesFailure } from './refusal.ts'

/** How many replays a proof takes. */
export const PROOF_RUNS = 5
const AT_ONCE = 2
const PATIENCE_MS = 60_000

interface Told {
  readonly verdict?: Verdict
  readonly error?: { readonly message: string; readonly code?: FluxErrorCode; readonly hint?: string }
}

/**
 * Replays a fixture {@link PROOF_RUNS} times, each in a process of its own, two at a time; stops at the first that does not
 * reproduce the failure.
 *
 * @param onRun called with the number of replays that have ended
 * @returns the verdicts as JSON, equal where the replays were; the last one is of another result when they stopped early
 * @throws FluxError `FLUX_ENTRY_EXPORT` when the entry cannot be loaded
 */
export async function prove(
  fixture: Fixture,
  entry: EntryPoint,
  root: string,
  onRun: (done: number) => void,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'flux-proof-'))
  try {
    const file = join(folder, 'fixture.flux.json')
    await writeFile(file, printFixture(fixture), { mode: 0o600 })
    const verdicts: string[] = []
    let started = 0
    let failed = false
    const work = async () => {
      while (started < PROOF_RUNS && !failed) {
        started++
        const verdict = await replayOnce(file, entry, root)
        if (failed) return
        verdicts.push(JSON.stringify(verdict))
        failed = !provesFailure(verdict)
        onRun(verdicts.length)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    return verdicts
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Replays a fixture file in a process of its own. */
export async function replayOnce(file: string, entry: EntryPoint, root: string): Promise<Verdict> {
  const loader = /\.[cm]?tsx?$/.test(entry.file) ? ['--import', import.meta.resolve('tsx')] : []
  const program = fileURLToPath(new URL('./prove.js', import.meta.url))
  const child = spawn(process.execPath, [...loader, program, file, entry.file, entry.name], {
    cwd: root,
    // Nothing is captured in a replay, whatever the program preloads.
    env: { ...process.env, FLUX: 'off' },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  })
  const ended = new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (_code, signal) => resolve(signal))
  })
  const channel = child.stdio[3] as NodeJS.ReadableStream
  const [said, printed, signal] = await Promise.all([text(channel), text(child.stderr as NodeJS.ReadableStream), ended])
  const told = (said === '' ? {} : JSON.parse(said)) as Told
  if (told.verdict) return told.verdict
  const shown = relative(root, entry.file).replaceAll('\\', '/')
  if (signal === 'SIGKILL') {
    throw new FluxError('FLUX_NOT_PROVEN', `A replay of ${shown} did not end within ${PATIENCE_MS / 1000} s.`)
  }
  if (told.error?.code) {
    const { hint } = told.error
    throw new FluxError(told.error.code, told.error.message, hint === undefined ? {} : { hint })
  }
  const why = told.error?.message ?? /^\w*Error\b.*$/m.exec(printed)?.[0] ?? 'the process ended'
  throw new FluxError('FLUX_ENTRY_EXPORT', `${shown} cannot be loaded: ${why.split('\n', 1)[0]}`, {
    hint: 'Nothing can be reached in a replay, at import either; make the module load by itself.',
  })
}
