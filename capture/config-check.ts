import { FluxError } from 'flux-fixtures'
import type { FluxConfig } from './config.ts'

/** What holds where a configuration says nothing. */
export const CAPTURE_DEFAULTS = {
  when: 'failure',
  baseline: 0.01,
  perFingerprint: 20,
  header: true,
  drainMs: 5000,
} as const

/** Returns what was expected instead, or undefined when the value is right. */
type Check = (value: unknown) => string | undefined
interface Shape {
  readonly [key: string]: Check | Shape
}

const SHAPE: Shape = {
  store: text,
  entry: value => (isRecord(value) && Object.values(value).every(isText) ? undefined : 'an object of strings'),
  fixtures: text,
  runner: oneOf('vitest', 'jest'),
  capture: {
    when: oneOf('failure', 'always', 'never'),
    baseline: value => (isNumber(value) && value <= 1 ? undefined : 'a number from 0 to 1'),
    maxBytes: value =>
      isNumber(value) || (typeof value === 'string' && /^\d+(\.\d+)?\s*[kmg]?b$/i.test(value))
        ? undefined
        : "a number of bytes, or a size such as '1mb'",
    perFingerprint: count,
    header: value => (typeof value === 'boolean' ? undefined : 'true or false'),
    keep: value => (typeof value === 'function' ? undefined : 'a function'),
    drainMs: count,
  },
  sanitize: {
    policy: oneOf('detectors', 'strict'),
    keep: texts,
    rules: value => (Array.isArray(value) && value.every(isRecord) ? undefined : 'an array of rules'),
  },
  seal: { recipients: texts },
}

/**
 * The configuration, when every key in it is known and every value of its type.
 *
 * @throws FluxError `FLUX_CONFIG` that names the key, its file and the nearest known key.
 */
export function checkConfig(value: unknown, file: string): FluxConfig {
  checkShape(value, SHAPE, '', file)
  return value as FluxConfig
}

function checkShape(value: unknown, shape: Shape, path: string, file: string): void {
  if (!isRecord(value)) throw wrong(file, `${path === '' ? 'The configuration' : path} must be an object.`)
  for (const [key, inner] of Object.entries(value)) {
    const place = path === '' ? key : `${path}.${key}`
    const expected = Object.hasOwn(shape, key) ? shape[key] : undefined
    if (expected === undefined) {
      const nearest = nearestOf(key, Object.keys(shape))
      throw wrong(file, `There is no ${place}.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`)
    }
    if (inner === undefined) continue
    if (typeof expected !== 'function') checkShape(inner, expected, place, file)
    else {
      const wanted = expected(inner)
      if (wanted !== undefined) throw wrong(file, `${place} must be ${wanted}.`)
    }
  }
}

function wrong(file: string, what: string): FluxError {
  return new FluxError('FLUX_CONFIG', `${file}: ${what}`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function text(value: unknown): string | undefined {
  return isText(value) ? undefined : 'a string'
}

function texts(value: unknown): string | undefined {
  return Array.isArray(value) && value.every(isText) ? undefined : 'an array of strings'
}

function count(value: unknown): string | undefined {
  return isNumber(value) && Number.isInteger(value) ? undefined : 'a whole number'
}

function oneOf(...values: string[]): Check {
  return value => (values.includes(value as string) ? undefined : values.map(one => `'${one}'`).join(' or '))
}

/** The known word with the fewest edits to the given one, if they are few. */
function nearestOf(word: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map(candidate => ({ candidate, edits: editsBetween(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)
  return best && best.edits <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined
}

function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
