import { type CAC, cac } from 'cac'
import { COMMANDS, type Command, type Flags } from './command.ts'
import { openTerminal } from './terminal/terminal.ts'

const COMMON = [
  ['--store <dir>', 'Where recordings are (default: store in flux.config.mjs, else .flux)'],
  ['--config <file>', 'Configuration to use instead of ./flux.config.mjs'],
  ['--json', 'Answer with one JSON document'],
] as const

/** Runs a command line. @returns the exit code */
export async function answer(argv: readonly string[]): Promise<number> {
  const cli = describe()
  const { args, options } = cli.parse(['node', 'flux', ...argv], { run: false })
  if (options.help) return 0
  const command = COMMANDS.find(one => nameOf(one) === cli.matchedCommandName)
  if (!command || !cli.matchedCommand) return await noCommand(cli, args)
  cli.matchedCommand.checkUnknownOptions()
  cli.matchedCommand.checkOptionValue()
  cli.matchedCommand.checkRequiredArgs()
  cli.matchedCommand.checkUnusedArgs()
  const flags = flagsOf(command, argv, options)
  const { run } = await command.load()
  return await run(args.flat(), flags, openTerminal(flags.json === true))
}

function describe(): CAC {
  const cli = cac('flux')
  for (const [option, description] of COMMON) cli.option(option, description)
  for (const command of COMMANDS) {
    const described = cli.command(command.usage, command.description).example(`  $ ${command.example}`)
    for (const [option, description] of command.options) described.option(option, description)
  }
  cli.option('-v, --version', 'Print the version')
  cli.example('  $ flux pull 01jd8q')
  cli.help(sections =>
    sections
      .filter(section => !section.title?.startsWith('For more info'))
      .map(section => ({ ...section, body: section.body.replace(/ +$/gm, '') }))
      .with(0, { body: cli.matchedCommand?.description ?? 'Turns a failure in production into a test.' }),
  )
  return cli
}

async function noCommand(cli: CAC, args: readonly string[]): Promise<number> {
  const [unknown] = args
  if (unknown === undefined) {
    const stray = Object.keys(cli.options).find(name => name !== '--' && !cli.globalCommand.hasOption(name))
    if (stray !== undefined) cli.globalCommand.checkUnknownOptions()
    cli.outputHelp()
    return 0
  }
  const { FluxError, literal } = await import('flux-fixtures')
  throw new FluxError('FLUX_USAGE', `There is no command ${literal(unknown)}.`, {
    hint: `Commands: ${COMMANDS.map(nameOf).join(', ')}. Run \`flux --help\`.`,
  })
}

function nameOf(command: Command): string {
  return command.usage.split(' ', 1)[0] ?? ''
}

/** Options as typed: cac makes numbers of what looks like one, an id or a directory `0123` included. */
function flagsOf(command: Command, argv: readonly string[], options: Readonly<Record<string, unknown>>): Flags {
  const flags: Record<string, string | boolean> = {}
  for (const [option] of [...COMMON, ...command.options]) {
    const name = option.split(' ', 1)[0]?.slice(2) ?? ''
    if (!option.includes('<')) {
      // cac has `dryRun` for `--dry-run`.
      const camel = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
      if (options[camel] === true) flags[name] = true
      continue
    }
    const end = argv.indexOf('--')
    const typed = argv.slice(0, end < 0 ? argv.length : end)
    const at = typed.findLastIndex(word => word === `--${name}` || word.startsWith(`--${name}=`))
    const word = typed[at]
    if (word === undefined) continue
    flags[name] = word.includes('=') ? word.slice(word.indexOf('=') + 1) : (typed[at + 1] ?? '')
  }
  return flags
}
