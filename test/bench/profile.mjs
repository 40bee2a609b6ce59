// Where the time of one replay goes, in a process without a runner: `profile.mjs <fixture> <app module> <times>`. Prints JSON.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { median } from './statistic.mjs'

const now = performance.now.bind(performance)
const [fixtureFile, appModule, times] = process.argv.slice(2)
const spent = {}
const lap = async (name, work) => {
  const startedAt = now()
  const result = await work()
  spent[name] ??= []
  spent[name].push(now() - startedAt)
  return result
}

const { assemble, replayOn } = await lap('import flux-replay', () => import('flux-replay'))
const { loadFixture } = await lap('import flux-replay/runner', () => import('flux-replay/runner'))
for (let turn = 0; turn < Number(times); turn++) {
  const fixture = await lap('load the fixture', () => loadFixture(resolve(fixtureFile)))
  const machine = await lap('assemble', () => assemble(fixture))
  // A module of its own for each machine: a pool keeps its connections, and they belong to the machine they were made in.
  const address = `${pathToFileURL(resolve(appModule)).href}?${turn}`
  const { app } = await lap('import the app', () => import(address))
  for (let again = 0; again < 5; again++) {
    const verdict = await lap('replay', () => replayOn(machine, app))
    if (verdict.result !== 'fixed') throw new Error(JSON.stringify(verdict))
  }
  await lap('dismantle', () => machine.dismantle())
}
const result = Object.entries(spent).map(([name, all]) => ({
  name,
  first: all[0],
  median: median(all),
  times: all.length,
}))
process.stdout.write(JSON.stringify(result), () => process.exit(0))
