import type { Entry, FieldDifference } from 'flux-fixtures'
import type { Extension } from './extend-blank.ts'
import { type Cell, table } from './terminal/table.ts'
import { printable, short } from './terminal/text.ts'

const MAX_DIFFERENCES = 4
const MAX_CALL = 60
const SHOWN_ID = 10

/** Line numbers, from 1, of the added entries in the text of a fixture, by their index. */
export function linesOf(text: string): Map<number, number> {
  const lines = new Map<number, number>()
  // Within a string every quote is escaped: a captured text cannot look like this.
  for (const { 1: index, index: at } of text.matchAll(/"index": (\d+),\s+"provenance": "/g)) {
    lines.set(Number(index), text.slice(0, at).split('\n').length)
  }
  return lines
}

/** What was asked, where, and what became of it. `file` as shown. */
export function extensionRows(
  extensions: readonly Extension[],
  file: string,
  lines: ReadonlyMap<number, number>,
): string[] {
  return table(
    extensions.map((extension): Cell[] => [
      { text: callText(extension) },
      { text: extension.call.line === undefined ? '' : printable(extension.call.line) },
      { text: answerText(extension, file, lines) },
    ]),
  )
}

function callText({ call }: Extension): string {
  return short(`${call.operation} ${call.target}`, MAX_CALL)
}

function answerText(extension: Extension, file: string, lines: ReadonlyMap<number, number>): string {
  const { answer, entries, from, left } = extension
  const at = placeOf(entries[0], file, lines)
  if (answer === 'unwritten') return 'not written: its request holds a secret or a value of this machine'
  if (answer === 'borrowed')
    return `borrowed from ${from?.slice(0, SHOWN_ID)}${entries.length > 1 ? `, ${entries.length} calls` : ''}`
  if (answer === 'authored') return `authored: no value in its answer  ${at}`
  const without = left ? `, without ${left.map(printable).join(', ')} (a secret, or a value of this machine)` : ''
  return `blank at ${at}${without}`
}

function placeOf(entry: Entry | undefined, file: string, lines: ReadonlyMap<number, number>): string {
  const line = entry && lines.get(entry.index)
  return printable(line === undefined ? file : `${file}:${line}`)
}

/** What baselines answered to other requests, each with the parameters that differ. */
export function proposalLines(extensions: readonly Extension[]): string[] {
  return extensions.flatMap(extension => {
    const { proposal } = extension
    if (!proposal || extension.answer === 'authored') return []
    const from = proposal.from.slice(0, SHOWN_ID)
    const { differences, refusal } = proposal
    const why = refusal
      ? `not borrowed: ${refusal}`
      : 'with other parameters; its blank has this structure and none of its values'
    const more = differences.length - MAX_DIFFERENCES
    return [
      `  ${callText(extension)}`,
      `    a success (${from}) answered this ${why}`,
      ...differences.slice(0, MAX_DIFFERENCES).map(difference => `      ${differenceText(difference)}`),
      ...(more > 0 ? [`      and ${more} more`] : []),
    ]
  })
}

function differenceText({ path, recorded, asked }: FieldDifference): string {
  const text = (value: unknown) => (value === undefined ? '(absent)' : short(JSON.stringify(value), 40))
  return `${printable(path)}  there ${text(recorded)}, asked ${text(asked)}`
}
