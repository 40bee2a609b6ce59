import { printableJson } from 'flux-fixtures'

/** Where a command reads its surroundings and writes its answer. */
export interface Terminal {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Whether a person can be asked. */
  readonly interactive: boolean
  /** One document on stdout instead of text. */
  readonly asJson: boolean
  /** Writes a line to stdout; nothing when a document was asked for. */
  out(line: string): void
  /** Writes a line to stderr. */
  err(line: string): void
  /** Writes the document to stdout when one was asked for. */
  document(value: unknown): void
  readonly paint: Paint
  readonly paintError: Paint
}

/** Colours a text, where colours are shown. */
export interface Paint {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
}

type Stream = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean }

/** The terminal of a process. */
export function openTerminal(asJson: boolean, env: NodeJS.ProcessEnv = process.env): Terminal {
  const { stdout, stderr, stdin } = process
  return {
    cwd: process.cwd(),
    env,
    interactive: Boolean(stdin.isTTY && stdout.isTTY),
    asJson,
    out: line => {
      if (!asJson) stdout.write(`${line}\n`)
    },
    err: line => {
      stderr.write(`${line}\n`)
    },
    document: value => {
      if (asJson) stdout.write(`${printableJson(value)}\n`)
    },
    paint: paintFor(stdout, env),
    paintError: paintFor(stderr, env),
  }
}

/** Colours on a terminal only, and never with `NO_COLOR` (https://no-color.org). */
export function paintFor(stream: Stream, env: NodeJS.ProcessEnv): Paint {
  const shown = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  const code = (open: number, close: number) => (text: string) =>
    shown ? `\u001b[${open}m${text}\u001b[${close}m` : text
  return { bold: code(1, 22), dim: code(2, 22), red: code(31, 39), green: code(32, 39) }
}
