import { FluxError, isFluxError } from 'flux-fixtures'
import type { Terminal } from './terminal/terminal.ts'
import { printable } from './terminal/text.ts'

/** Tells of an error in one line and a hint, and gives the exit code for it. */
export function report(thrown: unknown, terminal: Terminal): number {
  const error = usageOf(thrown)
  const red = terminal.paintError.red
  if (!isFluxError(error)) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    terminal.err(`${red('flux:')} internal error: ${printable(message)}`)
    terminal.err('      Please report it, with what FLUX_DEBUG=1 adds.')
    if (terminal.env.FLUX_DEBUG === '1' && error instanceof Error) terminal.err(stackOf(error))
    terminal.document({ error: { code: 'FLUX_TOOL', message } })
    return 2
  }
  terminal.err(`${red('flux:')} ${printable(error.message)}`)
  terminal.err(`      ${printable(error.hint)}`)
  if (terminal.env.FLUX_DEBUG === '1') terminal.err(stackOf(error))
  terminal.document({ error: { code: error.code, message: error.message, hint: error.hint } })
  return error.code === 'FLUX_NOT_PROVEN' ? 1 : 2
}

function stackOf(error: Error): string {
  return (error.stack ?? '').split('\n').map(printable).join('\n')
}

/** What cac refuses is a mistake of who typed it. */
function usageOf(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'CACError') return error
  const message = error.message.replaceAll('`', '')
  return new FluxError('FLUX_USAGE', `${message.charAt(0).toUpperCase()}${message.slice(1)}.`)
}
