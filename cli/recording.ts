import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type Baseline,
  type EncodedBody,
  type Fixture,
  FluxError,
  isFluxError,
  type Json,
  literal,
  readFixture,
  readRecording,
  type SanitizedRecording,
  type Store,
  type Trigger,
} from 'flux-fixtures'
import { shapeOf } from 'flux-replay'

const ID = /^[0-9a-z]{1,26}$/i

/**
 * What a person named: an id or the beginning of one, a fixture, or a recording in a file.
 * @param directory of the store
 * @throws FluxError `FLUX_NOT_FOUND`, `FLUX_AMBIGUOUS`, `FLUX_FIXTURE_CORRUPT`, `FLUX_FIXTURE_NEWER`
 */
export async function findRecording(
  typed: string,
  store: Store,
  { cwd, directory }: { readonly cwd: string; readonly directory: string },
): Promise<SanitizedRecording | Fixture> {
  const file = resolve(cwd, typed)
  const isFile = existsSync(file) && statSync(file).isFile()
  if (isFile && !ID.test(typed)) return readFile(file, typed)
  if (!isFile && !ID.test(typed)) {
    const what = /[/\\.]/.test(typed) ? 'file' : 'recording'
    throw new FluxError('FLUX_NOT_FOUND', `There is no ${what} ${literal(typed)}.`)
  }
  if (!existsSync(directory)) {
    throw new FluxError('FLUX_NOT_FOUND', `Nothing was captured yet in ${literal(directory)}.`, {
      hint: 'Run the command where the service ran, or name its store with --store.',
    })
  }
  return await store.read(typed)
}

/** A file of a store has its summary on a line of its own before the recording. */
function readFile(file: string, typed: string): SanitizedRecording | Fixture {
  const text = readFileSync(file, 'utf8')
  const lines = text.trimEnd().split('\n')
  if (lines.length === 2 && lines[0]?.startsWith('{"id"')) return readRecording(lines[1] ?? '', typed)
  try {
    return readFixture(text, typed)
  } catch (error) {
    if (isFluxError(error) && error.code !== 'FLUX_FIXTURE_CORRUPT') throw error
    try {
      return readRecording(text, typed)
    } catch {
      throw error
    }
  }
}

/** What the latest captured success of a trigger looked like, when one was kept. */
export async function baselineOf(trigger: Trigger, store: Store): Promise<Baseline | undefined> {
  for await (const summary of store.list({ kind: trigger.kind })) {
    if ('corrupt' in summary || summary.fingerprint !== undefined) continue
    const recording = await store.read(summary.id).catch(() => undefined)
    if (!recording || !sameTrigger(recording.trigger, trigger)) continue
    const { ending } = recording
    if (ending.kind === 'returned') return { shape: shapeOf(ending.value as Json) }
    if (ending.kind !== 'responded') continue
    const body = ending.response.body as EncodedBody
    return { status: ending.response.status, shape: shapeOf(body.json ?? body.text ?? '') }
  }
  return undefined
}

/** Whether two executions were started by the same route, path or wrapped function. */
export function sameTrigger(a: Trigger, b: Trigger): boolean {
  if (a.kind === 'call') return b.kind === 'call' && a.name === b.name
  if (b.kind === 'call' || a.request.method !== b.request.method) return false
  if (a.route !== undefined || b.route !== undefined) return a.route === b.route
  return pathOf(a.request.url) === pathOf(b.request.url)
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? ''
}
