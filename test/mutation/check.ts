/** Puts faults into a copy of the repository, one at a time, and runs the tests that must notice them. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Copy } from './copy.ts'
import type { Catcher, Fault, Selection } from './fault.ts'

/** How one catcher went. */
export interface Outcome {
  /** The assertions that failed, the first line of each. */
  readonly failed: readonly string[]
  /** The names of the tests that passed. */
  readonly passed: readonly string[]
  /** Why it says nothing, when it does not: nothing ran, or something broke before any assertion. */
  readonly broken?: string
}

/** What became of a fault. */
export interface Checked {
  readonly fault: string
  /** The test that noticed it; absent when it survived. */
  readonly caughtBy?: string
  /** The first line of the assertion. */
  readonly says?: string
  /** Why the table is wrong: it does not apply, does not compile, or breaks its test before any assertion. */
  readonly error?: string
  readonly seconds: number
}

const LIMIT_MS = 120_000

/** Applies a fault, builds, runs its tests until one fails, and takes it away again. The copy must be built. */
export async function checkFault(copy: Copy, fault: Fault): Promise<Checked> {
  const began = performance.now()
  const told = (rest: Omit<Checked, 'fault' | 'seconds'>): Checked => ({
    fault: fault.name,
    ...rest,
    seconds: (performance.now() - began) / 1000,
  })
  const text = copy.read(fault.file)
  const found = text.split(fault.before).length - 1
  if (found !== 1) return told({ error: `its text occurs ${found} times in ${fault.file}` })
  copy.write(
    fault.file,
    text.replace(fault.before, () => fault.after),
  )
  try {
    await copy.build()
    for (const catcher of fault.tests) {
      const { failed, broken } = await runCatcher(copy, catcher)
      if (broken !== undefined) return told({ error: broken })
      if (failed[0] !== undefined) return told({ caughtBy: nameOf(catcher), says: failed[0] })
    }
    return told({})
  } catch (error) {
    return told({ error: (error as Error).message })
  } finally {
    copy.write(fault.file, text)
  }
}

/** Runs one catcher in a copy as it stands. */
export function runCatcher(copy: Copy, catcher: Catcher): Promise<Outcome> {
  return 'programs' in catcher ? runPrograms(copy, catcher.programs) : runVitest(copy, catcher)
}

export function nameOf(catcher: Catcher): string {
  if ('programs' in catcher) return `${catcher.programs} generated programs`
  return catcher.name === undefined ? catcher.file : `${catcher.file}: ${catcher.name}`
}

interface Report {
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

/** A fault that makes a program wait for ever is noticed by the limit of its test. */
const NOTICED = /^(?:AssertionError|Error: Test timed out in )/

async function runVitest({ folder, node }: Copy, { file, name }: Selection): Promise<Outcome> {
  const report = join(folder, 'mutation-report.json')
  rmSync(report, { force: true })
  const filter = name === undefined ? [] : ['-t', name]
  const args = ['node_modules/vitest/vitest.mjs', 'run', file, ...filter, '--bail=1', '--testTimeout=10000']
  const { code, output } = await node([...args, '--reporter=json', `--outputFile=${report}`], LIMIT_MS)
  let read: Report
  try {
    read = JSON.parse(readFileSync(report, 'utf8')) as Report
  } catch {
    return { failed: [], passed: [], broken: `${file} ended with ${code} and without a report:\n${output}` }
  }
  const tests = read.testResults.flatMap(({ assertionResults }) => assertionResults)
  const messages = tests.flatMap(({ status, failureMessages = [] }) => (status === 'failed' ? failureMessages : []))
  const failed = messages.filter(message => NOTICED.test(message)).map(firstLine)
  const passed = tests.flatMap(({ status, fullName }) => (status === 'passed' ? fullName : []))
  if (failed.length > 0 || (code === 0 && passed.length > 0)) return { failed, passed }
  const why = messages[0] ?? read.testResults.map(({ message }) => message).find(Boolean) ?? output
  return { failed, passed, broken: `${file} fails before any assertion: ${why || 'no test ran'}` }
}

async function runPrograms({ node }: Copy, programs: number): Promise<Outcome> {
  const args = ['scripts/property.mjs', '--programs', String(programs), '--schedules', '1', '--shards', '1', '--json']
  const { code, output } = await node(args, LIMIT_MS)
  const line = output.split('\n').find(text => text.startsWith('{"commit"'))
  if (line === undefined) return { failed: [], passed: [], broken: `the programs ended with ${code}:\n${output}` }
  const { listed } = JSON.parse(line) as { listed: readonly { seed: string; faults: readonly string[] }[] }
  return { failed: listed.map(({ seed, faults }) => firstLine(`seed ${seed}: ${faults[0]}`)), passed: [] }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
