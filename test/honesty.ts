/** A small program in production and in replays: captured in a process of its own, replayed on versions of its source. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { toFixture } from 'flux-codegen'
import { digestOf, type Fixture, printFixture } from 'flux-fixtures'
import type { Verdict } from 'flux-replay'
import { Service } from '../capture/record/service.fixture.ts'

const REPLAY = `
import { writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import { assemble, replayOn } from 'flux-replay'
import { loadFixture } from 'flux-replay/runner'
const exit = process.exit.bind(process)
const [fixture, module, runs] = process.argv.slice(2)
const machine = assemble(loadFixture(resolve(fixture)))
const { server } = await import(pathToFileURL(resolve(module)).href)
for (let run = 0; run < Number(runs); run++) writeSync(3, JSON.stringify(await replayOn(machine, server)) + '\\n')
exit(0)
`
const PATIENCE_MS = 12_000

/** An upstream that answers `/json/3` with `{"n":3}` and `/wait/20` after 20 ms. */
export async function startUpstream(): Promise<{ url: string; stop(): void }> {
  const server = http.createServer((request, response) => {
    const [, kind, number] = (request.url ?? '').split('/')
    response.setHeader('content-type', 'application/json')
    const answer = () => response.end(JSON.stringify({ n: Number(number) }))
    request.resume()
    request.on('end', () => setTimeout(answer, kind === 'wait' ? Number(number) : 1))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Asks each path of a captured program once and returns what was recorded, by path, as if it had been proven. */
export async function capture(source: string, paths: readonly string[]): Promise<ReadonlyMap<string, Fixture>> {
  const service = new Service({ source })
  for (const path of paths) {
    await fetch(`${await service.url()}/${path}`).then(
      response => response.text(),
      () => undefined,
    )
  }
  if (service.child.exitCode === null) await service.stop()
  await service.exited
  const fixtures = new Map<string, Fixture>()
  for (const recording of await service.recordings()) {
    const name = recording.trigger.kind === 'http' ? recording.trigger.request.url.slice(1) : recording.trigger.name
    const unproven = toFixture(recording, { title: name })
    fixtures.set(name, { ...unproven, proof: { result: 'reproduced', runs: 5, of: digestOf(unproven) } })
  }
  return fixtures
}

let versions = 0

/** Replays a fixture `runs` times in one process, on the server that `source` exports. */
export async function replays(folder: string, fixture: Fixture, source: string, runs = 2): Promise<Verdict[]> {
  const version = join(folder, `version-${++versions}`)
  mkdirSync(version)
  writeFileSync(join(version, 'app.mjs'), source)
  writeFileSync(join(version, 'a.flux.json'), printFixture(fixture))
  writeFileSync(join(folder, 'replay.mjs'), REPLAY)
  const args = ['replay.mjs', join(version, 'a.flux.json'), join(version, 'app.mjs'), String(runs)]
  const { VITEST: _, NODE_OPTIONS: __, ...env } = process.env
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...env, FLUX: 'off' },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  })
  const [told, printed] = await Promise.all([text(child.stdio[3] as Readable), text(child.stderr as Readable)])
  const verdicts = told
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Verdict)
  if (verdicts.length < runs) throw new Error(`${verdicts.length} of ${runs} replays ended.\n${printed}`)
  return verdicts
}
