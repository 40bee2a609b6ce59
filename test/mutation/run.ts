/** The process of `npm run mutation`: every fault, or those whose names contain one of the arguments. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setup } from '../services.ts'
import { type Checked, checkFault, nameOf, runCatcher } from './check.ts'
import { type Copy, copyRepository } from './copy.ts'
import type { Catcher, Fault } from './fault.ts'
import { faults } from './faults.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** So many faults are tried at once, each in a copy of its own. */
const COPIES = 2

const wanted = process.argv.slice(2)
const chosen = faults.filter(({ name }) => wanted.length === 0 || wanted.some(part => name.includes(part)))
const began = performance.now()
const folder = mkdtempSync(join(tmpdir(), 'flux-mutation-'))
// The tests of all copies share one database.
const stopServices = await setup()
try {
  process.exitCode = await everything(chosen)
} finally {
  await stopServices?.()
  rmSync(folder, { recursive: true, force: true })
}

async function everything(table: readonly Fault[]): Promise<number> {
  if (table.length === 0) throw new Error('No fault has such a name.')
  const copies = Array.from({ length: COPIES }, (_, index) => copyRepository(root, join(folder, String(index))))
  await Promise.all(copies.map(copy => copy.build()))
  const catchers = table.flatMap(({ tests }) => tests)
  const unsound = (await shared(copies, together(catchers), complaints)).flat()
  for (const why of unsound) console.log(`Without any fault: ${why}`)
  if (unsound.length > 0) return 1
  console.log(`The tests pass without any fault, ${seconds(began)} s\n`)
  const checked = await shared(copies, table, checkFault, print)
  const caught = checked.filter(({ caughtBy }) => caughtBy !== undefined).length
  const wrong = checked.filter(({ error }) => error !== undefined).length
  const rest = `${checked.length - caught - wrong} survive, ${wrong} are errors of the table`
  console.log(`\n${caught} of ${checked.length} faults are caught, ${rest}, ${seconds(began)} s`)
  return caught === checked.length ? 0 : 1
}

/** What is to be run once to see that every catcher passes as it is, and the names of which each must run something. */
interface Whole {
  readonly catcher: Catcher
  readonly names: readonly string[]
}

function together(catchers: readonly Catcher[]): Whole[] {
  const files = new Map<string, Set<string | undefined>>()
  const programs = catchers.flatMap(catcher => ('programs' in catcher ? catcher.programs : []))
  for (const catcher of catchers) {
    if ('programs' in catcher) continue
    files.set(catcher.file, (files.get(catcher.file) ?? new Set()).add(catcher.name))
  }
  const selections = Array.from(files, ([file, all]): Whole => {
    const names = [...all].filter(name => name !== undefined)
    return { catcher: all.has(undefined) ? { file } : { file, name: names.join('|') }, names }
  })
  return [...[...new Set(programs)].map(count => ({ catcher: { programs: count }, names: [] })), ...selections]
}

/** Why tests cannot tell anything: they fail as they are, or there are none of a name. */
async function complaints(copy: Copy, { catcher, names }: Whole): Promise<string[]> {
  const { failed, passed, broken } = await runCatcher(copy, catcher)
  const absent = names.filter(name => !passed.some(full => new RegExp(name, 'i').test(full)))
  const failing = broken === undefined ? failed : [broken]
  const reasons = failing.length > 0 ? failing : absent.map(name => `no test is named ${name}`)
  return reasons.map(why => `${nameOf(catcher)}: ${why}`)
}

/** Does all of `work`, each copy a part of it at a time; the results are in the order of the work. */
async function shared<W, R>(
  copies: readonly Copy[],
  work: readonly W[],
  task: (copy: Copy, item: W) => Promise<R>,
  done: (result: R) => void = () => {},
): Promise<R[]> {
  const results: R[] = []
  const left = work.map((item, index) => ({ item, index }))
  await Promise.all(
    copies.map(async copy => {
      for (let next = left.shift(); next; next = left.shift()) {
        const result = await task(copy, next.item)
        results[next.index] = result
        done(result)
      }
    }),
  )
  return results
}

function print({ fault, caughtBy, says, error, seconds }: Checked): void {
  const state = error !== undefined ? 'ERROR' : caughtBy === undefined ? 'SURVIVES' : 'caught'
  console.log(`${state.padEnd(8)} ${seconds.toFixed(1).padStart(5)} s  ${fault}`)
  const margin = ' '.repeat(18)
  if (caughtBy !== undefined) console.log(`${margin}${caughtBy}\n${margin}${says?.slice(0, 140)}`)
  if (error !== undefined) console.log(error.slice(0, 3_000))
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0)
}
