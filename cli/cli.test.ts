import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newId, printFixture, readFixture } from 'flux-fixtures'
import { afterEach, expect, test } from 'vitest'
// @ts-expect-error plain JavaScript, so that it loads on any Node
import { refusalOf } from './bin/node-version.js'
import { prefixOf } from './commands/list.ts'
import { APP, failedRequest, type ScratchProject, scratchProject, succeededRequest } from './project.example.ts'
import { paintFor } from './terminal/terminal.ts'
import { durationText, printable } from './terminal/text.ts'

const BIN = fileURLToPath(new URL('bin/flux.js', import.meta.url))
let project: ScratchProject | undefined
afterEach(() => project?.remove())

test('a Node that is too old is told so before anything is loaded', () => {
  for (const version of ['18.20.4', '20.18.9', '4.0.0'])
    expect(refusalOf(version)).toMatch(/^flux: FLUX_NODE: .*20\.19/)
  for (const version of ['20.19.0', '22.1.0', '26.0.0']) expect(refusalOf(version)).toBeUndefined()
})

test('every command has a help with an example, and the version is printed', () => {
  const flux = (...args: string[]) => spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' })
  expect(flux('--version')).toMatchObject({ status: 0, stdout: '0.1.0\n', stderr: '' })
  for (const args of [[], ['init'], ['list'], ['pull'], ['check']]) {
    const { status, stdout, stderr } = flux(...args, '--help')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/Examples:\n {2}\$ flux \w+/)
    expect(stdout).toContain('--json')
  }
  expect(flux()).toMatchObject({ status: 0, stdout: flux('--help').stdout })
})

test('captured text is shown, and does nothing', () => {
  expect(printable('a\u001b[31m\r\n\u202e\u009b"\u0007')).toBe('a\\u001b[31m\\r\\n\\u202e\\u009b"\\u0007')
  expect(printable('::error::x')).toBe('\\u003a:error::x')
  expect(printable('a ##vso[task.setvariable]')).toBe('a #\\u0023vso[task.setvariable]')
  expect(printable('##[group]')).toBe('#\\u0023[group]')
  expect([0.25, 31.4, 2500, 600_000].map(durationText)).toEqual(['0.3 ms', '31 ms', '2.5 s', '10 min'])
  const terminal = { write: () => true, isTTY: true }
  expect(paintFor(terminal, {}).red('x')).toBe('\u001b[31mx\u001b[39m')
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) expect(paintFor(terminal, env).red('x')).toBe('x')
  expect(paintFor({ ...terminal, isTTY: false }, {}).red('x')).toBe('x')
  const ids = ['01aaaaaaaabc', '01aaaaaaaabd', '01bbbbbbbbbb'].sort().reverse()
  expect(ids.map(id => prefixOf(id, ids))).toEqual(['01bbbbbb', '01aaaaaaaabd', '01aaaaaaaabc'])
})

test('list shows what was captured, newest first, whatever it holds', async () => {
  project = scratchProject()
  const empty = await project.flux('list')
  expect(empty).toMatchObject({ code: 0, err: '' })
  expect(empty.out).toContain('--import flux-capture/register')
  expect(JSON.parse((await project.flux('list', '--json')).out)).toEqual({ recordings: [], corrupt: [] })

  const now = Date.now()
  const hostile = failedRequest()
  const clock = (startedAt: number) => ({ startedAt, duration: 12, reads: [] })
  await project.keep({ ...hostile, id: newId(now - 7_200_000), clock: clock(now - 7_200_000) })
  await project.keep({ ...succeededRequest(), id: newId(now - 60_000), clock: clock(now - 60_000) })
  const error = { class: 'TypeError', message: 'bad \u001b]0;title\u0007\r\nflux: all is well \u202e' }
  const failure = { kind: 'response' as const, status: 503, error, afterCompletion: 0, afterIssue: 0 }
  const last = await project.keep({ ...failedRequest(), id: newId(now), clock: clock(now), failure })
  const corrupt = await project.keep({ ...failedRequest(), id: newId(now - 1000) })
  const day = new Date(now - 1000).toISOString().slice(0, 10).replaceAll('-', '')
  const file = join(project.dir, '.flux/recordings', day, `${corrupt.id}.json`)
  chmodSync(file, 0o600)
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 900))

  const { code, out, err } = await project.flux('list')
  expect(code).toBe(0)
  const lines = out.trimEnd().split('\n')
  expect(lines).toHaveLength(5)
  expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}503 {2}POST \/checkout {2}12 ms {2}\w{8,}$/)
  expect(last.id.startsWith(lines[0]?.split(' ').at(-1) ?? 'none')).toBe(true)
  expect(lines[1]).toBe('    TypeError: bad \\u001b]0;title\\u0007\\r\\nflux: all is well \\u202e')
  expect(lines[2]).toMatch(/ 200 {2}POST/)
  expect(err).toMatch(new RegExp(`^flux: the recording ${corrupt.id} is corrupt: .+\n$`))
  expect(out + err).not.toMatch(/[\u001b\u0007\r\u202e]/)

  const ids = async (...args: string[]) => {
    const { recordings } = JSON.parse((await (project as ScratchProject).flux('list', '--json', ...args)).out)
    return recordings.map((one: { status: number }) => one.status)
  }
  expect(await ids()).toEqual([503, 200, 500])
  expect(await ids('--status', '5xx')).toEqual([503, 500])
  expect(await ids('--status', '500')).toEqual([500])
  expect(await ids('--since', '1h')).toEqual([503, 200])
  expect(await ids('--limit', '1')).toEqual([503])
  expect((await project.flux('list', '--status', '404')).out).toBe('No recording matches.\n')
  expect((await project.flux('list', '--store', 'elsewhere')).out).toContain('Nothing was captured yet')
})

test('check finds what a fixture must not be', async () => {
  project = scratchProject({ 'src/app.ts': APP })
  expect(await project.flux('check')).toMatchObject({ code: 0, out: 'There are no fixtures below test/flux.\n' })
  const { id } = await project.keep(failedRequest())
  const { fixture: name, test: testName } = JSON.parse((await project.flux('pull', id, '--json')).out)
  const file = join(project.dir, name)
  const text = readFileSync(file, 'utf8')
  const good = readFixture(text, name)
  expect(await project.flux('check')).toMatchObject({ code: 0, out: `ok          ${name}\n`, err: '' })
  const { proof, ...unproven } = good
  const cases: [string, number, RegExp][] = [
    [printFixture(unproven), 1, /it has no proof/],
    [printFixture({ ...good, logs: [{ level: 'log', text: 'x', at: 1 }] }), 1, /recorded parts were changed/],
    [
      printFixture({ ...good, proof: { ...(proof as never as object), of: `sha256:${'0'.repeat(64)}` } as never }),
      1,
      /proof is for another/,
    ],
    [text.replace('"coupon', '"\u202ecoupon').replace('SPRING', 'SPR\u200bING'), 1, /hidden character U\+200B/],
    [text.replace('"kept"', '"keept"'), 1, /must have required property 'kept'|additional/],
    [text.replace('"format": 1', '"format": 2'), 2, /format 2; this version of Flux reads up to 1/],
    [text.slice(0, 400), 2, /:\d+:\d+: /],
    [text.replace('"format": 1,', '"format": 1,\n  "format": 1,'), 2, /twice/],
  ]
  for (const [changed, code, message] of cases) {
    writeFileSync(file, changed)
    const ran = await project.flux('check', name)
    expect(ran.out, ran.err).toMatch(message)
    expect(ran.code, ran.out).toBe(code)
    expect(ran.out.trimEnd().split('\n')).toHaveLength(1)
  }
  writeFileSync(file, text)
  rmSync(join(project.dir, testName))
  const alone = await project.flux('check', '--json')
  expect(alone.code).toBe(1)
  expect(JSON.parse(alone.out).files).toMatchObject([{ file: name, result: 'found', findings: [{ code: 'test' }] }])
})

test('init sets a project up, once', async () => {
  project = scratchProject({
    'src/app.ts': APP,
    'vitest.config.ts':
      "import { defineConfig } from 'vitest/config'\n\nexport default defineConfig({\n  test: { globals: true }, // mine\n})\n",
    '.gitignore': 'dist',
    '.github/workflows/ci.yml': 'on: push\n',
  })
  rmSync(join(project.dir, 'flux.config.mjs'))
  const read = (name: string) => readFileSync(join((project as ScratchProject).dir, name), 'utf8')
  const first = await project.flux('init', '--yes')
  expect(first, first.err).toMatchObject({ code: 0 })
  expect(read('flux.config.mjs')).toContain("entry: { http: './src/app.ts#app' },")
  expect(read('vitest.config.ts')).toBe(`import { defineConfig } from 'vitest/config'
import flux from 'vitest-plugin-flux'

export default defineConfig({
  plugins: [flux()],
  test: { globals: true }, // mine
})
`)
  expect(read('.gitignore')).toBe('dist\n.flux/\n')
  expect(read('.gitattributes')).toMatch(/^\*\.flux\.json text eol=lf/)
  expect(read('.github/workflows/flux.yml')).toContain('npx flux check')
  expect(await project.flux('init')).toEqual({ code: 0, out: 'nothing to do\n', err: '' })

  const config = (text: string) => project?.write({ 'vitest.config.ts': text })
  config("import { defineConfig } from 'vitest/config'\nexport default defineConfig({ plugins: [a()], test: {} })\n")
  await project.flux('init')
  expect(read('vitest.config.ts')).toContain('plugins: [flux(), a()]')
  config("import { a } from './a'\nexport default a(() => ({}))\n")
  const byHand = await project.flux('init')
  expect(byHand.out).toContain("import flux from 'vitest-plugin-flux'")
  expect(read('vitest.config.ts')).not.toContain('flux')
})
