import { relative, resolve } from 'node:path'
import { findEntry } from 'flux-codegen'
import { digestOf, type Entry, type Fixture, FluxError, literal, printFixture, readFixture } from 'flux-fixtures'
import type { Verdict } from 'flux-replay'
import { renderVerdict } from 'flux-replay/runner'
import type { Run } from '../command.ts'
import { entrySpecOf } from '../entry-spec.ts'
import type { Extension } from '../extend-blank.ts'
import { donorsIn } from '../extend-donors.ts'
import { type Exploration, explore, goesOn } from '../extend-explore.ts'
import { replayer, unansweredIn } from '../extend-replay.ts'
import { extensionRows, linesOf, proposalLines } from '../extend-report.ts'
import { place, textOf } from '../placed-file.ts'
import { readSettings, storeDirectoryOf } from '../settings.ts'
import { openProgress } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { printable } from '../terminal/text.ts'

/** `flux extend`: what today's code asks beyond a fixture is borrowed from a baseline, or gets a blank to fill in. */
export const run: Run = async ([typed = ''], flags, terminal) => {
  const file = resolve(terminal.cwd, typed)
  const present = presentText(file, typed)
  const fixture = provenFixture(present, typed)
  const settings = await readSettings(flags, terminal)
  const entry = await findEntry(settings.root, entrySpecOf(settings, fixture.trigger))
  const directory = storeDirectoryOf(settings)
  const donors = await donorsIn(directory, fixture)
  const blanks = fixture.effects.filter(isBlank)
  const kept = { ...fixture, effects: fixture.effects.filter(one => !isBlank(one)) }
  const progress = openProgress()
  const means = {
    replay: replayer(entry, settings.root),
    donors: donors ?? [],
    blanks,
    env: terminal.env,
    onRound: (round: number) => progress.step(`flux: replay ${round} …`),
  }
  const found = await explore(kept, fixture, means).finally(() => progress.end())
  const refused = refusalOf(found, terminal)
  const next = refused ? fixture : extended(fixture, found.extensions)
  const changed = JSON.stringify(next.effects) !== JSON.stringify(fixture.effects)
  const text = changed ? printFixture(next) : present
  const written = changed && flags['dry-run'] !== true
  if (written) place(file, text, () => false)
  const answer = { shown: shownPath(file, terminal), text, found, changed, written, hasStore: donors !== undefined }
  const code = refused?.code ?? codeOf(found)
  terminal.document(documentOf(answer, blanks, code))
  if (refused) {
    for (const line of refused.lines) terminal.err(line)
    return code
  }
  say(answer, blanks, code, terminal)
  return code
}

interface Answer {
  readonly shown: string
  /** Of the fixture, as it is now or would be. */
  readonly text: string
  readonly found: Exploration
  readonly changed: boolean
  readonly written: boolean
  readonly hasStore: boolean
}

function isBlank(entry: Entry): boolean {
  return entry.unfilled === true
}

function presentText(file: string, typed: string): string {
  let text: string | undefined
  try {
    text = textOf(file)
  } catch (cause) {
    throw new FluxError('FLUX_NOT_FOUND', `${literal(typed)} cannot be read.`, { hint: 'Name a fixture.', cause })
  }
  if (text !== undefined) return text
  throw new FluxError('FLUX_NOT_FOUND', `There is no fixture ${literal(typed)}.`, {
    hint: 'Name a fixture file, `test/flux/….flux.json`; `flux pull` writes one.',
  })
}

function provenFixture(text: string, typed: string): Fixture {
  if (!typed.endsWith('.json')) {
    throw new FluxError('FLUX_USAGE', `${literal(typed)} is no fixture.`, { hint: 'Name the .flux.json file.' })
  }
  const fixture = readFixture(text, typed)
  if (!fixture.failure) {
    throw new FluxError('FLUX_USAGE', `${literal(typed)} is the recording of a success: no fix goes beyond it.`, {
      hint: 'Name the fixture of a failure.',
    })
  }
  if (fixture.proof?.of === digestOf(fixture)) return fixture
  throw new FluxError('FLUX_USAGE', `${literal(typed)} has no proof for what it holds.`, {
    hint: 'Run `flux pull` with it first: it proves a fixture.',
  })
}

/** Why nothing is extended, with the exit code; nothing is written then. */
function refusalOf({ first }: Exploration, terminal: Terminal): Refused | undefined {
  if (goesOn(first) || first.result === 'fixed') return undefined
  const why =
    first.result === 'reproduced'
      ? 'the code is not fixed yet.'
      : 'the test is red for another reason than an answer that is missing.'
  const line = `${terminal.paintError.red('flux:')} nothing to extend: ${why}`
  return { code: first.result === 'not-replayable' ? 2 : 1, lines: [line, '', renderVerdict(first)] }
}

interface Refused {
  readonly code: number
  readonly lines: readonly string[]
}

/** Blanks that are no longer asked for go; whatever a person filled in stays. */
function extended(fixture: Fixture, extensions: readonly Extension[]): Fixture {
  const added = extensions.flatMap(({ entries }) => entries)
  const present = fixture.effects.filter(entry => !isBlank(entry) || added.includes(entry))
  return { ...fixture, effects: [...present, ...added.filter(entry => !present.includes(entry))] }
}

function codeOf({ last, extensions, more }: Exploration): number {
  if (more || extensions.some(({ answer }) => answer === 'blank' || answer === 'unwritten')) return 3
  return last.result === 'fixed' ? 0 : 1
}

function shownPath(file: string, terminal: Terminal): string {
  return relative(terminal.cwd, file).replaceAll('\\', '/')
}

function goneOf({ found }: Answer, blanks: readonly Entry[]): number {
  const still = found.extensions.flatMap(({ entries }) => entries)
  return blanks.filter(blank => !still.includes(blank)).length
}

function documentOf(answer: Answer, blanks: readonly Entry[], code: number): object {
  const { found, shown, text, written, changed, hasStore } = answer
  const lines = linesOf(text)
  return {
    fixture: shown,
    result: ['complete', 'failed', 'not-replayable', 'to-fill'][code],
    written,
    changed,
    store: hasStore,
    more: found.more,
    removed: code === 0 || code === 3 ? goneOf(answer, blanks) : 0,
    calls: found.extensions.map(({ call, answer: how, from, entries, left, proposal }) => {
      const { effect: _effect, ...asked } = call
      const line = entries[0] && lines.get(entries[0].index)
      return {
        asked,
        answer: how,
        ...(from !== undefined && { from }),
        ...(line !== undefined && { at: `${shown}:${line}` }),
        ...(left && { left }),
        ...(proposal && {
          proposal: { from: proposal.from, refusal: proposal.refusal ?? null, differences: proposal.differences },
        }),
      }
    }),
    verdict: withoutRequests(found.first),
  }
}

/** Requests of today's code may hold what this machine keeps for itself. */
function withoutRequests(verdict: Verdict): object {
  return { ...verdict, beyond: unansweredIn(verdict).map(({ effect: _effect, ...call }) => call) }
}

function say(answer: Answer, blanks: readonly Entry[], code: number, terminal: Terminal): void {
  const { found, shown, text, written, changed, hasStore } = answer
  const { extensions } = found
  for (const row of extensionRows(extensions, shown, linesOf(text))) terminal.out(row)
  const proposals = proposalLines(extensions)
  if (proposals.length > 0) for (const line of ['', ...proposals, '']) terminal.out(line)
  if (!hasStore && extensions.length > 0)
    terminal.out('There is no store here, so nothing was borrowed from a baseline.')
  const gone = goneOf(answer, blanks)
  if (gone > 0) terminal.out(`removed    ${gone} blank${gone > 1 ? 's' : ''} that the code no longer asks for`)
  const fate = written ? 'written' : changed ? 'dry run' : 'unchanged'
  terminal.out(`${fate.padEnd(11)}${printable(shown)}`)
  for (const line of nextLines(answer, code)) terminal.out(line)
}

function nextLines({ found, shown }: Answer, code: number): string[] {
  const { extensions, more, last } = found
  if (code === 0)
    return ['next       the run ends: toBeFixed({ complete: true }) holds, and the response can be asserted']
  if (code === 1) return ['', renderVerdict(last)]
  const hidden = extensions.some(({ answer }) => answer === 'unwritten')
  const again = more ? `, and run \`flux extend ${printable(shown)}\` again: more may follow` : ''
  const blank = extensions.some(({ answer }) => answer === 'blank')
  return [
    ...(blank ? [`next       fill the blanks in, remove their "unfilled"${again}`] : []),
    ...(hidden ? ['next       what was not written: answer it with a nock scope in the test'] : []),
    ...(!blank && !hidden ? ['next       the run does not come to an end: see what it asks again and again'] : []),
  ]
}
