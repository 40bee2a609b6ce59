import type { Ending, Failure, FailureError } from 'flux-fixtures'
import { appLine, ROOT } from './app-line.ts'
import type { Execution } from './execution.ts'

/** What a recording knows of an error: `frame` is the innermost frame of the app's own code. */
export function failureError(error: unknown): FailureError {
  if (typeof error !== 'object' || error === null) return { class: typeof error, message: textOf(error) }
  const { message, stack, code } = error as { message?: unknown; stack?: unknown; code?: unknown }
  const frame = typeof stack === 'string' ? appLine(stack) : undefined
  return {
    class: classNameOf(error),
    message: textOf(message ?? ''),
    ...((typeof code === 'string' || typeof code === 'number') && { code: String(code) }),
    ...(frame !== undefined && { frame }),
    ...(typeof stack === 'string' && { stack: withoutRoot(stack) }),
  }
}

/** What is thrown may be anything, such as parsed JSON with a member `constructor`. */
function classNameOf(error: object): string {
  const { constructor } = error as { constructor?: unknown }
  const name = typeof constructor === 'function' ? (constructor.name as unknown) : undefined
  return typeof name === 'string' && name !== '' ? name : 'Object'
}

function textOf(value: unknown): string {
  try {
    return String(value)
  } catch {
    return ''
  }
}

/** What went wrong in an execution that ended this way; undefined when it ended well. */
export function failureOf(
  ending: Ending,
  execution: Pick<Execution, 'error' | 'visible' | 'completions' | 'issued'>,
): Failure | undefined {
  const { afterCompletion, afterIssue } = execution.visible ?? {
    afterCompletion: execution.completions,
    afterIssue: execution.issued,
  }
  const at = { afterCompletion, afterIssue }
  const seen = execution.error === undefined ? {} : { error: failureError(execution.error) }
  if (ending.kind === 'threw') return { kind: 'throw', error: failureError(ending.error), ...at }
  if (ending.kind === 'unanswered') return { kind: 'unanswered', ...seen, ...at }
  if (ending.kind === 'responded' && ending.response.status >= 500) {
    return { kind: 'response', status: ending.response.status, ...seen, ...at }
  }
  return undefined
}

/** Where the program lies on its machine is nobody's business. */
function withoutRoot(stack: string): string {
  return stack.replaceAll(`file://${ROOT}/`, '').replaceAll(`${ROOT}/`, '')
}
