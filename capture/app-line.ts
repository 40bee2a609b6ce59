import { fileURLToPath } from 'node:url'

/** Where the process started: frames are told relative to it. */
export const ROOT = process.cwd()
const OWN = Symbol.for('flux.own')
type Global = typeof globalThis & { [OWN]?: string[] }

/** Where Flux lies; one list for all copies of this module. */
const own: string[] = (globalThis as Global)[OWN] ?? []
Object.defineProperty(globalThis, OWN, { value: own, configurable: true })
disown(import.meta.url)

/** Tells that the modules beside `url` are Flux's own. */
export function disown(url: string): void {
  own.push(folderOf(url))
}

/** A package's folder: source maps lead from `dist` to the sources beside it. */
function folderOf(url: string): string {
  return fileURLToPath(new URL('.', url)).replace(/dist[\\/]$/, '')
}

/**
 * The innermost frame of a stack that is the app's own: neither Node's, nor a dependency's, nor Flux's.
 * @returns `src/checkout.ts:42:17 in priceOf`, relative to the working directory, or undefined
 */
export function appLine(stack: string | undefined): string | undefined {
  if (stack === undefined) return undefined
  for (const text of stack.split('\n')) {
    const frame = parseFrame(text)
    if (frame && isApp(frame.file)) {
      const file = frame.file.startsWith(`${ROOT}/`) ? frame.file.slice(ROOT.length + 1) : frame.file
      return `${file}:${frame.line}:${frame.column}${frame.name ? ` in ${frame.name}` : ''}`
    }
  }
  return undefined
}

interface StackFrame {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly name: string
}

function parseFrame(text: string): StackFrame | undefined {
  const at = text.indexOf('at ')
  if (at < 0 || text.slice(0, at).trim() !== '') return undefined
  let rest = text.slice(at + 3).trim()
  let name = ''
  if (rest.endsWith(')')) {
    const open = rest.lastIndexOf(' (')
    if (open < 0) return undefined
    name = rest.slice(0, open)
    rest = rest.slice(open + 2, -1)
  } else if (rest.startsWith('async ')) rest = rest.slice(6)
  const position = /:(\d+):(\d+)$/.exec(rest)
  if (!position) return undefined
  const location = rest.slice(0, position.index)
  const file = location.startsWith('file://') ? fileURLToPath(location) : location.replace(/\?.*$/, '')
  return { file, line: Number(position[1]), column: Number(position[2]), name: functionName(name) }
}

/** `async Module.priceOf [as x]` → `priceOf`; the anonymous have no name. */
function functionName(name: string): string {
  const plain = name.replace(/ \[as .*\]$/, '').replace(/^(async|new) /, '')
  const last = plain.slice(plain.lastIndexOf('.') + 1)
  return last === '<anonymous>' ? '' : last
}

function isApp(file: string): boolean {
  if (!file.startsWith('/') && !/^[A-Za-z]:[\\/]/.test(file)) return false
  if (file.includes('/node_modules/')) return false
  return /\.test\.[cm]?[jt]sx?$/.test(file) || !own.some(folder => file.startsWith(folder))
}
