/** One process of `scripts/property.mjs`: prints what it found as JSON, or one program with `--seed`. */
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { matchFaults, type Replayed, unchangedFaults } from './check.ts'
import { mutate } from './mutate.ts'
import { printProgram, printRecording } from './print.ts'
import { type Grammar, generate } from './program.ts'
import { type Case, type Recorded, recordAll } from './record.ts'
import { replay } from './replay.ts'
import { Summary } from './summary.ts'
import { TAMPERINGS, type Tampering, tamper } from './tamper.ts'

/**
 * What generated programs leave out unless told otherwise. How many immediates ran between two events is not on the tape, so that a
 * program in which they race effects or timers may replay in another order.
 */
const WITHOUT = 'immediate'

const { values: options } = parseArgs({
  options: {
    programs: { type: 'string', default: '300' },
    schedules: { type: 'string', default: '3' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string' },
    times: { type: 'string', default: '20' },
    without: { type: 'string', default: WITHOUT },
    tamper: { type: 'string' },
    failures: { type: 'string', default: '10' },
    shards: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const grammar: Grammar = { without: options.without.split(',').filter(Boolean) }
const tampering = TAMPERINGS.find(how => how === options.tamper)
const PROGRAMS_AT_ONCE = 50

function caseOf(seed: string): Case {
  return { seed, program: generate(`program ${seed.split('.')[0]}`, grammar) }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

function again(seed: string): string {
  return `node scripts/property.mjs --seed ${seed}${options.without === WITHOUT ? '' : ` --without ${options.without}`}`
}

async function attempt(running: Promise<Replayed>, faultsOf: (replayed: Replayed) => string[]) {
  try {
    const replayed = await running
    return { replayed, faults: faultsOf(replayed) }
  } catch (error) {
    return { replayed: undefined, faults: [`threw ${(error as Error).stack}`] }
  }
}

/** Replays a recording as it is, then with one change. */
async function examine(recorded: Recorded, summary: Summary, how: Tampering | undefined): Promise<string[]> {
  const fixture = how ? tamper(recorded.fixture, how) : recorded.fixture
  if (!fixture) return []
  const same = await attempt(replay(recorded.program, fixture), replayed =>
    unchangedFaults({ ...recorded, fixture }, replayed),
  )
  summary.unchanged(recorded, same.replayed, same.faults)
  if (how) return same.faults
  const mutant = mutate(recorded.program, recorded.seed, grammar)
  const other = await attempt(replay(mutant.program, fixture), replayed => matchFaults(fixture, replayed))
  summary.mutated(recorded, mutant.change, other.replayed, other.faults)
  return [...same.faults, ...other.faults.map(fault => `${mutant.change}: ${fault}`)]
}

async function many(): Promise<number> {
  const [programs, schedules, from] = [Number(options.programs), Number(options.schedules), Number(options.from)]
  const summary = new Summary()
  const failures: { readonly seed: string; readonly faults: readonly string[]; readonly again: string }[] = []
  for (let first = from; first < from + programs; first += PROGRAMS_AT_ONCE) {
    const cases: Case[] = []
    for (let program = first; program < Math.min(first + PROGRAMS_AT_ONCE, from + programs); program++) {
      for (let schedule = 0; schedule < schedules; schedule++) cases.push(caseOf(`${program}.${schedule}`))
    }
    for (const recorded of await summary.timed('recording', () => recordAll(cases))) {
      const faults = await summary.timed('replaying', () => examine(recorded, summary, tampering))
      if (faults.length === 0) continue
      failures.push({ seed: recorded.seed, faults, again: again(recorded.seed) })
    }
  }
  const listed = failures.slice(0, Number(options.failures))
  console.log(JSON.stringify({ commit: commit(), ...summary.toJSON(), failures: failures.length, listed }))
  return failures.length
}

/** Real effects take real time, so that a seed may take several recordings until it fails again. */
async function one(seed: string): Promise<number> {
  const summary = new Summary()
  for (let time = 1; ; time++) {
    const given = caseOf(seed)
    const [recorded] = await recordAll([given])
    if (!recorded) throw new Error(`no recording of ${seed}`)
    const faults = await examine(recorded, summary, tampering)
    if (faults.length === 0 && time < Number(options.times)) continue
    console.log(`program ${seed} at commit ${commit()}, recording ${time}\n${printProgram(given.program)}`)
    console.log(`recorded\n${printRecording(recorded.fixture)}\n  ${recorded.heard.ended.how}`)
    const mutant = mutate(given.program, seed, grammar)
    console.log(`changed (${mutant.change})\n${printProgram(mutant.program)}`)
    console.log(faults.length === 0 ? `no difference in ${time} recordings` : faults.join('\n'))
    return faults.length
  }
}

const found = options.seed === undefined ? await many() : await one(options.seed)
process.exitCode = found === 0 ? 0 : 1
