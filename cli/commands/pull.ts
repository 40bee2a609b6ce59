import { join, relative, resolve } from 'node:path'
import { type EntryPoint, findEntry, nameOf, toFixture, wordInSource, writeTest } from 'flux-codegen'
import { type Fixture, FluxError, isFluxError, openDirectoryStore, printFixture, readFixture } from 'flux-fixtures'
import type { Flags, Run } from '../command.ts'
import { entrySpecOf } from '../entry-spec.ts'
import { withBorrowed } from '../extend-borrow.ts'
import { type Placed, place, textOf } from '../placed-file.ts'
import { PROOF_RUNS, prove } from '../proof.ts'
import { baselineOf, findRecording } from '../recording.ts'
import { refusalOf } from '../refusal.ts'
import { type Runner, runnerOf } from '../runner.ts'
import { readSettings, storeDirectoryOf } from '../settings.ts'
import { openProgress } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { printable } from '../terminal/text.ts'

interface Plan {
  readonly fixture: Fixture
  /** The baseline that lent answers beyond the failure. */
  readonly lender: string | undefined
  readonly fixtureFile: string
  readonly entry: EntryPoint
  readonly runner: Runner
  readonly root: string
}

/** `flux pull`: a recording becomes a proven fixture and a test. */
export const run: Run = async ([typed = ''], flags, terminal) => {
  const plan = await planPull(typed, flags, terminal)
  const verdicts = await proveAloud(plan)
  const verdict: unknown = JSON.parse(verdicts.at(-1) ?? 'null')
  const refusal = refusalOf(plan.fixture, verdicts)
  if (refusal) {
    terminal.document({ fixture: null, test: null, proof: null, verdict })
    terminal.err(`${terminal.paintError.red('flux:')} ${refusal.join('\n')}`)
    return 1
  }
  const { fixture, test, proof } = await write(plan)
  const shown = (file: string) => printable(relative(terminal.cwd, file).replaceAll('\\', '/'))
  terminal.document({ fixture: shown(fixture.file), test: shown(test.file), proof, verdict })
  terminal.out(`${placedText(fixture.placed)}${shown(fixture.file)}${fixture.placed === 'kept' ? AUTHORED : ''}`)
  terminal.out(`${placedText(test.placed)}${shown(test.file)}${test.placed === 'kept' ? EDITED : ''}`)
  if (fixture.placed !== 'kept') for (const line of borrowedLines(plan)) terminal.out(line)
  terminal.out(`proven     ${proof.runs} of ${proof.runs} replays reproduced the failure`)
  terminal.out(`next       npx ${plan.runner === 'vitest' ? 'vitest run' : 'jest'} ${shown(test.file)}`)
  return 0
}

const AUTHORED = ' (answers were added to it, and the recording is the same)'
const EDITED = ' (it was edited; remove it to have it written again)'

/** What goes beyond the recording, and where it comes from. */
function borrowedLines({ fixture, lender }: Plan): string[] {
  if (lender === undefined) return []
  const count = fixture.effects.filter(({ provenance }) => provenance === 'borrowed').length
  return [
    `borrowed   ${count} ${count === 1 ? 'answer' : 'answers'} beyond the failure, from the success ${lender.slice(0, 10)}`,
  ]
}

function placedText(placed: Placed): string {
  return placed.padEnd(11)
}

async function planPull(typed: string, flags: Flags, terminal: Terminal): Promise<Plan> {
  const settings = await readSettings(flags, terminal)
  const { root } = settings
  const directory = storeDirectoryOf(settings)
  const store = openDirectoryStore(directory)
  const recording = await findRecording(typed, store, { cwd: terminal.cwd, directory })
  const { id, failure, trigger } = recording
  if (!failure) {
    throw new FluxError('FLUX_USAGE', `The execution ${id} succeeded: there is no failure to write a test for.`, {
      hint: 'Run `flux list --status 5xx` to see failures.',
    })
  }
  const entry = await findEntry(root, entrySpecOf(settings, trigger))
  const runner = runnerOf(flags.runner ?? settings.runner, root)
  const folder = typeof flags.out === 'string' ? resolve(terminal.cwd, flags.out) : settings.fixtures
  const { slug, title } = nameOf(recording, {
    knowsClass: name => wordInSource(root, name),
    taken: name => belongsToAnother(join(folder, `${name}.flux.json`), id),
  })
  const kept = 'baseline' in recording ? recording.baseline : undefined
  const baseline = kept ?? (await baselineOf(trigger, store))
  const fresh = toFixture(recording, { title, ...(baseline && { baseline }) })
  const { fixture, from: lender } = await withBorrowed(fresh, store)
  return { fixture, lender, fixtureFile: join(folder, `${slug}.flux.json`), entry, runner, root }
}

function belongsToAnother(file: string, id: string): boolean {
  const text = textOf(file)
  return text !== undefined && !text.includes(`\n  "id": "${id}",\n`)
}

async function proveAloud({ fixture, entry, root }: Plan): Promise<string[]> {
  const progress = openProgress()
  progress.step(`flux: proving the fixture in ${PROOF_RUNS} replays …`)
  try {
    return await prove(fixture, entry, root, done => progress.step(`flux: ${done} of ${PROOF_RUNS} replays …`))
  } finally {
    progress.end()
  }
}

async function write(plan: Plan) {
  const { fixture, fixtureFile, entry, runner, root } = plan
  const proof = { result: 'reproduced' as const, runs: PROOF_RUNS, of: fixture.digest }
  const test = await writeTest({ fixtureFile, title: fixture.title, entry, runner, projectDir: root })
  const text = printFixture({ ...fixture, proof })
  return {
    proof,
    fixture: { file: fixtureFile, placed: place(fixtureFile, text, present => hasMore(present, fixture)) },
    test: { file: test.file, placed: place(test.file, test.text, () => true) },
  }
}

/** Whether a present fixture is of the same recording, proven, and holds entries that were added to it. */
function hasMore(text: string, fixture: Fixture): boolean {
  try {
    const present = readFixture(text, 'fixture')
    const added = (of: Fixture) => JSON.stringify(of.effects.filter(entry => entry.provenance !== undefined))
    const more = added(present) !== '[]' && added(present) !== added(fixture)
    return present.digest === fixture.digest && present.proof?.of === fixture.digest && more
  } catch (error) {
    if (isFluxError(error)) return false
    throw error
  }
}
