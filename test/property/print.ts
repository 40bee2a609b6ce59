import type { Fixture } from 'flux-fixtures'
import type { Step } from './program.ts'
import { signatureOf } from './world.ts'

/** A program in lines, two spaces a level. */
export function printProgram(steps: readonly Step[], indent = ''): string {
  return steps.map(step => printStep(step, indent)).join('\n')
}

function printStep(step: Step, indent: string): string {
  const lists: [string, readonly Step[]][] = []
  const words: string[] = []
  for (const [key, value] of Object.entries(step)) {
    if (key === 'do') words.unshift(String(value))
    else if (key === 'branches') for (const [at, branch] of value.entries()) lists.push([String(at), branch])
    else if (['body', 'by', 'even', 'odd'].includes(key) && Array.isArray(value)) lists.push([key, value])
    else words.push(`${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`)
  }
  const inner = lists.map(([name, list]) => `${indent}  ${name}:\n${printProgram(list, `${indent}    `)}`)
  return [`${indent}${words.join(' ')}`, ...inner].join('\n')
}

/** What a recording holds, in the order of asking, with the order of delivery. */
export function printRecording({ effects, failure }: Fixture): string {
  const lines = effects.map(entry => {
    const { index, path, issuedAt, completion, end, outcome, completedAt, effect } = entry
    const delivered = completion === undefined ? 'never' : end === undefined ? completion : `${completion}, end ${end}`
    const value = outcome.status === 'returned' ? JSON.stringify(outcome.value) : outcome.status
    return `  ${index} ${signatureOf(effect)} path ${path} asked ${issuedAt} delivered ${delivered} at ${completedAt} ${value}`
  })
  return [...lines, ...(failure ? [`  failed after completion ${failure.afterCompletion}`] : [])].join('\n')
}
