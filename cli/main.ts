import { readFileSync } from 'node:fs'

/** Runs a command line and sets the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv[0] === '--version' || argv[0] === '-v') {
    process.stdout.write(`${versionHere()}\n`)
    return
  }
  // A reader that went away, `flux list | head`, is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2))
  try {
    const { answer } = await import('./command-line.ts')
    process.exitCode = await answer(argv)
  } catch (error) {
    const { report } = await import('./report.ts')
    const { openTerminal } = await import('./terminal/terminal.ts')
    process.exitCode = report(error, openTerminal(argv.includes('--json')))
  }
}

function versionHere(): string {
  const file = new URL('../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
