/** Generated programs: recorded in real schedules, replayed as they are and with one change. `scripts/property.mjs` runs more. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { TAMPERINGS } from './property/tamper.ts'

interface Result {
  readonly commit: string
  readonly counts: Readonly<Record<string, number>>
  readonly slowestMs: number
  readonly failures: number
  readonly listed: readonly { readonly seed: string; readonly faults: readonly string[]; readonly again: string }[]
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** In processes of its own: a replay takes control of the whole process. */
function property(...args: string[]): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['scripts/property.mjs', '--json', ...args], { cwd: root, stdio: 'pipe' })
    let [output, errors] = ['', '']
    child.stdout.on('data', chunk => {
      output += chunk
    })
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    child.on('close', code => {
      try {
        resolve(JSON.parse(output) as Result)
      } catch {
        reject(new Error(`property.mjs ended with ${code}:\n${errors}\n${output}`))
      }
    })
  })
}

const STEPS = ['all', 'race', 'any', 'settled', 'fan', 'pool', 'hedge', 'batch', 'abort', 'generate', 'emit', 'branch']
const KINDS = ['read', 'write', 'late', 'stream', 'abortable'].map(kind => `ask ${kind}`)
const WAITS = ['await', 'microtasks', 'nextTick', 'sleep'].map(by => `wait ${by}`)
const SEEN = [
  ...[...STEPS, ...KINDS, ...WAITS, 'clock', 'draw'].map(kind => `programs with ${kind}`),
  ...['ask added', 'await added', 'ask removed', 'await removed'],
  ...['fixed', 'reproduced', 'diverged', 'reached-frontier'].map(result => `mutated verdict ${result}`),
  'mutated ambiguous picks',
  'recorded failures',
  'recorded successes',
]

test('300 programs in 3 schedules: unchanged they replay right, with one change nothing is picked wrongly', async () => {
  const result = await property('--programs', '300', '--schedules', '3')
  expect(result.listed, `commit ${result.commit}`).toEqual([])
  expect(result.failures).toBe(0)
  expect(result.counts).toMatchObject({ unchanged: 900, 'unchanged right': 900, mutated: 900, 'mutated right': 900 })
  expect(SEEN.filter(name => !(Number(result.counts[name]) > 0))).toEqual([])
}, 300_000)

test.each(TAMPERINGS)(
  'a recording with other %s does not pass',
  async how => {
    const result = await property('--programs', '30', '--schedules', '1', '--shards', '1', '--tamper', how)
    expect(Number(result.counts.unchanged)).toBeGreaterThan(3)
    expect(result.failures).toBeGreaterThan(Number(result.counts.unchanged) / 2)
  },
  60_000,
)
