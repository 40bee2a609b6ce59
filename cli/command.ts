import type { Terminal } from './terminal/terminal.ts'

/** What was typed after a command, by name; a text is as typed. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>

/** @returns the exit code: 0 yes or done, 1 the answer is no, 2 could not be done, 3 a decision is needed */
export type Run = (args: readonly string[], flags: Flags, terminal: Terminal) => Promise<number>

/** One command of `flux`, as its help tells of it. */
export interface Command {
  /** Name and arguments: `pull <id>`. */
  readonly usage: string
  readonly description: string
  /** As typed, with what it does: `--limit <n>`. */
  readonly options: readonly (readonly [string, string])[]
  readonly example: string
  /** Loaded when the command runs, so that `flux --version` costs next to nothing. */
  load(): Promise<{ readonly run: Run }>
}

export const COMMANDS: readonly Command[] = [
  {
    usage: 'init',
    description: 'Set a project up: configuration, runner, git, CI; changes nothing twice',
    options: [['--yes', 'Ask nothing']],
    example: 'flux init --yes',
    load: () => import('./commands/init.ts'),
  },
  {
    usage: 'list',
    description: 'What was captured, newest first',
    options: [
      ['--limit <n>', 'The most to show (default: 50)'],
      ['--since <time>', 'From then on: 30m, 1h, 7d, or a date'],
      ['--status <status>', 'That status, or a class of them: 500, 5xx'],
    ],
    example: 'flux list --since 1h --status 5xx',
    load: () => import('./commands/list.ts'),
  },
  {
    usage: 'pull <id>',
    description: 'Write a proven fixture and its test, by id (a prefix will do) or file',
    options: [
      ['--runner <runner>', 'vitest or jest (default: runner in flux.config.mjs, else as in package.json)'],
      ['--out <dir>', 'Folder to write to (default: fixtures in flux.config.mjs, else test/flux)'],
    ],
    example: 'flux pull 01jd8q --runner jest',
    load: () => import('./commands/pull.ts'),
  },
  {
    usage: 'extend <fixture>',
    description: 'Answer what a fix asks beyond its recording: borrowed from a baseline, else blanks to fill in',
    options: [['--dry-run', 'Say what would be written, and write nothing']],
    example: 'flux extend test/flux/post-checkout-500-01jd8q.flux.json',
    load: () => import('./commands/extend.ts'),
  },
  {
    usage: 'check [...files]',
    description: 'Whether fixtures are valid, proven, in step with their tests, and hide nothing',
    options: [],
    example: 'flux check test/flux/post-checkout-500-01jd8q.flux.json',
    load: () => import('./commands/check.ts'),
  },
]
