// Replays versions of programs on their fixtures, all in this process, and writes a line for each verdict to descriptor 3.
import { readFileSync, writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { digestOf } from 'flux-fixtures'
import { assemble, replayOn } from 'flux-replay'
import { loadFixture } from 'flux-replay/runner'

const exit = process.exit.bind(process)
const print = console.error.bind(console)
for (const event of ['unhandledRejection', 'uncaughtException']) process.on(event, error => print(event, error))

async function replay(fixture, module, proving) {
  const machine = assemble(fixture)
  try {
    const { app, job } = await import(pathToFileURL(module).href)
    return await replayOn(machine, app ?? job, { proving })
  } catch (error) {
    return { result: `threw ${error?.stack}` }
  } finally {
    machine.dismantle()
  }
}

// The first version is the unchanged program: only when it fails as recorded is the fixture proven.
for (const { bug, fixture: file, versions } of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  const unproven = loadFixture(file)
  let fixture = unproven
  for (const { version, modules, authored } of versions) {
    const proving = version === 'proof'
    const verdicts = []
    for (const module of modules) {
      const began = performance.now()
      const verdict = await replay({ ...fixture, effects: [...fixture.effects, ...authored] }, module, proving)
      verdicts.push({ verdict, ms: performance.now() - began })
    }
    if (proving && verdicts.every(({ verdict }) => verdict.result === 'reproduced')) {
      fixture = { ...unproven, proof: { result: 'reproduced', runs: 5, of: digestOf(unproven) } }
    }
    writeSync(3, `${JSON.stringify({ bug, version, verdicts })}\n`)
  }
}
exit(0)
