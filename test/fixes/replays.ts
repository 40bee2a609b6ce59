/** Replays all versions of all bugs in a few processes and reads their verdicts. */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type Fixture, printFixture } from 'flux-fixtures'
import type { Verdict } from 'flux-replay'
import type { Bug, Edit } from './bug.ts'
import { programOf } from './capture.ts'

const replayer = fileURLToPath(new URL('./replayer.mjs', import.meta.url))
const PROCESSES = 2
const PATIENCE_MS = 75_000

/** Two verdicts by `program/version`; the unchanged program is `proof` and `unchanged`. */
export type Verdicts = ReadonlyMap<string, readonly [Verdict, Verdict]>

/** Replays every version twice, the unchanged program first. */
export async function replayAll(
  folder: string,
  bugs: readonly Bug[],
  fixtures: ReadonlyMap<string, Fixture>,
): Promise<Verdicts> {
  const shares = Array.from({ length: PROCESSES }, (_, share) => bugs.filter((__, at) => at % PROCESSES === share))
  const told = await Promise.all(shares.map((share, index) => replayShare(folder, index, share, fixtures)))
  return new Map(told.flat())
}

async function replayShare(
  folder: string,
  index: number,
  bugs: readonly Bug[],
  fixtures: ReadonlyMap<string, Fixture>,
): Promise<[string, [Verdict, Verdict]][]> {
  const work = bugs.map(bug => ({
    bug: bug.program,
    fixture: fixtureFile(folder, bug, fixtures.get(bug.program) as Fixture),
    versions: [
      { version: 'proof', edits: [] },
      { version: 'unchanged', edits: [] },
      ...bug.versions.map(({ name, edits, authored }) => ({ version: name, edits, authored })),
    ].map(({ version, edits, ...more }, at) => ({
      version,
      modules: ['round-1', 'round-2'].map(round => versionOf(join(folder, round), folder, bug.program, at, edits)),
      authored: ('authored' in more && more.authored) || [],
    })),
  }))
  const file = join(folder, `work-${index}.json`)
  writeFileSync(file, JSON.stringify(work))
  const { VITEST: _, NODE_OPTIONS: __, DATABASE_URL: ___, ...env } = process.env
  const child = spawn(process.execPath, [replayer, file], {
    cwd: folder,
    env: { ...env, FLUX: 'off', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  })
  const [lines, printed] = await Promise.all([text(child.stdio[3] as Readable), text(child.stderr as Readable)])
  const told = lines.split('\n').flatMap((line): [string, [Verdict, Verdict]][] => {
    if (line === '') return []
    const { bug, version, verdicts } = JSON.parse(line.replaceAll('round-2/', 'round-1/'))
    return [[`${bug}/${version}`, [verdicts[0].verdict, verdicts[1].verdict]]]
  })
  const wanted = work.flatMap(({ versions }) => versions).length
  if (told.length < wanted) {
    throw new Error(
      `Only ${told.length} of ${wanted} versions were replayed, ${told.at(-1)?.[0]} the last.\n${printed}`,
    )
  }
  return told
}

function fixtureFile(folder: string, { program }: Bug, fixture: Fixture): string {
  const file = join(folder, `${program}.flux.json`)
  writeFileSync(file, printFixture(fixture))
  return file
}

/** A version stands in a folder of its own under the same name, since a frame is told by its file. */
function versionOf(round: string, folder: string, program: string, at: number, edits: readonly Edit[]): string {
  const version = join(round, `${program}-${at}`)
  mkdirSync(version, { recursive: true })
  let source = readFileSync(programOf(folder, program), 'utf8')
  for (const [before, after] of edits) {
    if (!source.includes(before)) throw new Error(`${program} does not have the text to replace: ${before}`)
    source = source.replace(before, () => after)
  }
  writeFileSync(join(version, `${program}.mjs`), source)
  writeFileSync(join(version, 'database.mjs'), readFileSync(programOf(folder, 'database'), 'utf8'))
  return join(version, `${program}.mjs`)
}
