import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { APP, failedCall, failedRequest, type Ran, type ScratchProject, scratchProject } from './project.example.ts'

/** Everything that a terminal, a CI log or a reader could be made to believe. */
const HOSTILE =
  '\u001b]0;x\u0007\u001b[2K\r::error::x\n::error file=a::b\n##vso[task.x]y ##[error]z \u202e\u009b31m\u200b<img src=x>*/`${1}`'
let project: ScratchProject

beforeAll(() => {
  project = scratchProject({
    'src/app.ts': APP,
    'src/invoice.ts': 'export async function send() { throw new TypeError("x") }\n',
  })
})

afterAll(() => project.remove())

/** No control, bidi or zero-width character, no line that a CI takes for a command, no stack. */
function expectHarmless({ out, err }: Ran): void {
  const said = out + err
  expect(said).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/)
  expect(said).not.toMatch(/^\s*::/m)
  expect(said).not.toMatch(/##(?:vso|\[)/)
  expect(said).not.toMatch(/^\s+at .+:\d+:\d+/m)
}

test('what a recording says cannot command a terminal or a CI log', async () => {
  const error = { class: HOSTILE, message: HOSTILE, code: HOSTILE, frame: HOSTILE, stack: HOSTILE }
  const request = failedRequest({ route: `/${HOSTILE}` })
  const trigger = {
    ...request.trigger,
    request: { ...(request.trigger as { request: object }).request, method: HOSTILE },
  }
  const kept = await project.keep({
    ...request,
    trigger: trigger as never,
    environment: { ...request.environment, commit: HOSTILE },
    failure: { kind: 'response', status: 500, error, afterCompletion: 0, afterIssue: 0 },
  })
  const call = await project.keep(failedCall(HOSTILE, error))
  const commands = [
    ['list'],
    ['list', '--json'],
    ['pull', kept.id],
    ['pull', kept.id, '--json'],
    ['pull', call.id],
    ['pull', HOSTILE],
    [HOSTILE],
    ['list', `--${HOSTILE}`],
    ['check', HOSTILE],
    ['list', '--store', HOSTILE],
  ]
  for (const args of commands) {
    const ran = await project.flux(...args)
    expectHarmless(ran)
    if (args.includes('--json')) expect(() => JSON.parse(ran.out)).not.toThrow()
  }
  const names = readdirSync(project.dir, { recursive: true, encoding: 'utf8' }).filter(
    name => !name.startsWith('node_modules'),
  )
  expect(names.join('')).toMatch(/^[\w./-]*$/)
})

test('a store whose files were tampered with', async () => {
  const { id } = await project.keep(failedRequest())
  const day = readdirSync(join(project.dir, '.flux/recordings')).at(-1) ?? ''
  const file = join(project.dir, '.flux/recordings', day, `${id}.json`)
  const head = { id, kept: 'failure', kind: 'http', trigger: 'x', startedAt: 1, duration: 1, commit: 'c', bytes: 2 }
  for (const more of [
    { status: HOSTILE },
    { error: 5 },
    { error: { class: {}, message: [] } },
    { fingerprint: {} },
    {},
  ]) {
    writeFileSync(file, `${JSON.stringify({ ...head, ...more })}\n{}\n`)
    const ran = await project.flux('list')
    expectHarmless(ran)
    expect(ran.code).toBe(0)
    if (Object.keys(more).length > 0) expect(ran.err).toContain(`${id} is corrupt`)
  }
  const pulled = await project.flux('pull', id)
  expect(pulled).toMatchObject({ code: 2 })
  expect(pulled.err.split('\n').length).toBeLessThan(4)
})

const FILES: Record<string, string | Buffer> = {
  'deep.flux.json': '['.repeat(1_000_000),
  'large.flux.json': `{"a":"${'x'.repeat(10_000_000)}"}`,
  'wide.flux.json': `[${'0,'.repeat(400_000)}0]`,
  'twice.flux.json': `{"format":1,${JSON.stringify(HOSTILE)}:1,${JSON.stringify(HOSTILE)}:2}`,
  'proto.flux.json': '{"format":1,"__proto__":{"polluted":1}}',
  'empty.flux.json': '',
  'binary.flux.json': Buffer.from([0xff, 0xfe, 0, 1, 2]),
  'bom.flux.json': '\ufeff{}',
  'newer.flux.json': '{"format":1e308}',
  'keys.flux.json': JSON.stringify({ format: 1, [HOSTILE]: { [HOSTILE]: 1 } }),
  'tag.flux.json': JSON.stringify({ format: 1, trigger: { [HOSTILE.repeat(500)]: { $flux: HOSTILE } } }),
}

test('hostile fixtures: one clear line, at once', async () => {
  project.write({ 'f/.keep': '' })
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(project.dir, 'f', name), content)
  mkdirSync(join(project.dir, 'f/folder.flux.json'))
  const checked = await project.flux('check', 'f')
  expectHarmless(checked)
  expect(checked.err).toBe('')
  for (const name of Object.keys(FILES)) {
    const line = checked.out.split('\n').filter(one => one.includes(`f/${name}`))
    expect(line, name).toEqual([expect.stringMatching(/^(?:unreadable|found) /)])
    expect(line.join('').length, name).toBeLessThan(1_200)
  }
  for (const name of ['deep.flux.json', 'large.flux.json', '../../../../../etc/passwd']) {
    const ran = await project.flux('pull', `f/${name}`)
    expectHarmless(ran)
    expect(ran.err, name).toMatch(/^flux: [^\n]*\n {6}[^\n]*\n$/)
    expect(ran.code, name).toBe(2)
  }
})
