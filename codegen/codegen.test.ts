import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Failure, SanitizedRecording, Trigger } from 'flux-fixtures'
import { Project } from 'ts-morph'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exportsOf, findEntry } from './entry-point.ts'
import { nameOf } from './name.ts'
import { wordInSource } from './source-file.ts'
import { type WriteTestOptions, writeTest } from './test-file.ts'

const ID = '01jd8qabcdefghjkmnpqrstvwx'
const PAYLOADS = [
  '`${process.exit(1)}`',
  '*/ process.exit(1) /*',
  '\u2028process.exit(1)//',
  '\u2029process.exit(1)//',
  '</script><script>alert(1)</script>',
  "'); process.exit(1); ('",
  '"); process.exit(1); ("',
  '\\',
  '\n//# sourceMappingURL=data:,x',
  '// @ts-nocheck',
  '../../../../etc/passwd',
  '__proto__',
  '\u202egnp.exe',
  '\u001b]52;c;AAAA\u0007',
  '${globalThis.pwned = 1}',
  '%s%d%o',
  'con\u0000.txt',
  '\ud800',
  '@flux-fixture /etc/passwd',
]
const KINDS = new Set(
  `SourceFile SingleLineCommentTrivia MultiLineCommentTrivia SyntaxList EndOfFileToken ImportDeclaration ImportClause NamedImports ImportSpecifier StringLiteral Identifier
   ExpressionStatement CallExpression ArrowFunction AsyncKeyword EqualsGreaterThanToken Block VariableStatement JSDoc JSDocTag JSDocText
   VariableDeclarationList VariableDeclaration AwaitExpression PropertyAccessExpression ObjectBindingPattern BindingElement JSDocComment`.split(
    /\s+/,
  ),
)

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flux-codegen-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
}

function http(route: string | undefined, method = 'POST'): Trigger {
  const request = { method, url: '/x', httpVersion: '1.1', headers: [], body: null }
  return { kind: 'http', request, ...(route !== undefined && { route }) }
}

function recording(
  trigger: Trigger,
  failure?: Partial<Failure>,
): Pick<SanitizedRecording, 'id' | 'trigger' | 'failure'> {
  const whole = failure && { kind: 'response' as const, afterCompletion: 0, afterIssue: 0, ...failure }
  return { id: ID, trigger, ...(whole && { failure: whole }) }
}

function options(changes: Partial<WriteTestOptions> = {}): WriteTestOptions {
  return {
    fixtureFile: join(dir, 'test/flux/post-checkout-500-01jd8q.flux.json'),
    title: 'POST /checkout no longer answers 500',
    entry: { file: join(dir, 'src/app.ts'), name: 'app' },
    runner: 'vitest',
    projectDir: dir,
    ...changes,
  }
}

test('names say what happened in words of the source', () => {
  const call = (name: string): Trigger => ({ kind: 'call', name, args: null })
  const thrown = (name: string) => ({ kind: 'throw' as const, error: { class: name, message: 'm' } })
  const cases: [ReturnType<typeof recording>, string, string][] = [
    [recording(http('/checkout'), { status: 500 }), 'post-checkout-500-01jd8q', 'POST /checkout no longer answers 500'],
    [
      recording(http('/orders/:id'), { status: 503 }),
      'post-orders-id-503-01jd8q',
      'POST /orders/:id no longer answers 503',
    ],
    [recording(http('/', 'GET')), 'get-answers-as-recorded'.slice(0, 3) + '-01jd8q', 'GET / answers as recorded'],
    [recording(http(undefined), { status: 500 }), 'post-500-01jd8q', 'POST no longer answers 500'],
    [
      recording(http('/files/*path'), { kind: 'unanswered' }),
      'post-files-path-unanswered-01jd8q',
      'POST /files/*path no longer goes unanswered',
    ],
    [
      recording(call('invoice.send'), thrown('TypeError')),
      'invoice-send-typeerror-01jd8q',
      'invoice.send no longer throws TypeError',
    ],
    [
      recording(call('invoice.send'), thrown('Stranger')),
      'invoice-send-throws-01jd8q',
      'invoice.send no longer throws',
    ],
    [recording(call('invoice.send')), 'invoice-send-01jd8q', 'invoice.send returns as recorded'],
  ]
  for (const [given, slug, title] of cases) expect(nameOf(given)).toEqual({ slug, title })
  const known = recording(call('a'), thrown('Refusal'))
  expect(nameOf(known, { knowsClass: name => name === 'Refusal' }).title).toBe('a no longer throws Refusal')
  const taken = new Set(['post-checkout-500-01jd8q', 'post-checkout-500-01jd8qa'])
  const longer = nameOf(recording(http('/checkout'), { status: 500 }), { taken: slug => taken.has(slug) })
  expect(longer.slug).toBe('post-checkout-500-01jd8qab')
})

test('a class is known when it stands in the sources, not in dependencies or generated tests', () => {
  write({
    'src/refusal.ts': 'export class Refusal extends Error {}',
    'node_modules/x/index.js': 'class Foreign extends Error {}',
    'test/flux/a.flux.test.ts': '// Generated',
  })
  const words = ['Refusal', 'Foreign', 'Generated', 'Refus', 'a|b']
  expect(words.map(word => wordInSource(dir, word))).toEqual([true, false, false, false, false])
})

test('no stranger’s string reaches a name or the code', async () => {
  write({ 'src/app.ts': "import x from './x'\nexport const app = 1\n" })
  for (const payload of PAYLOADS) {
    const given = [
      recording(http(`/${payload}`), { status: 500 }),
      recording(http(payload, payload), { status: payload as unknown as number }),
      recording(
        { kind: 'call', name: payload, args: null },
        { kind: 'throw', error: { class: payload, message: payload } },
      ),
    ]
    for (const one of given) {
      const { slug, title } = nameOf(one, { knowsClass: () => true })
      expect(slug).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
      expect(title).toMatch(
        /^(?:POST|the request|the call|__proto__|POST \/__proto__) (?:no longer (?:answers (?:500|a failure)|throws))$/,
      )
      for (const runner of ['vitest', 'jest'] as const) {
        const { text } = await writeTest(options({ title, runner, fixtureFile: join(dir, `t/${slug}.flux.json`) }))
        expectPlain(text)
      }
    }
  }
})

test('even a hostile title stays a string', async () => {
  write({ 'src/app.ts': 'export const app = 1\n' })
  for (const title of PAYLOADS) {
    const { text } = await writeTest(options({ title }))
    const call = expectPlain(text)
    expect(JSON.stringify(call)).toBe(JSON.stringify(title))
  }
  const hostile = options({ fixtureFile: join(dir, "x'*\u2028.flux.json") })
  await expect(writeTest(hostile)).rejects.toMatchObject({ code: 'FLUX_USAGE' })
})

/** Only nodes of the list stand in a test, and comments are ours. @returns the title */
function expectPlain(text: string): string | undefined {
  const source = new Project({ useInMemoryFileSystem: true }).createSourceFile('/x.ts', text)
  const kinds = new Set(source.getDescendants().map(node => node.getKindName()))
  const tokens = /Token$|Keyword$|^SyntaxList$/
  expect([...kinds].filter(kind => !KINDS.has(kind) && !tokens.test(kind))).toEqual([])
  const comments = text.match(/^(?:\/\/|\/?\*+| \*).*$/gm) ?? []
  for (const comment of comments) {
    expect(comment).toMatch(
      /^(?:\/\/ @flux-fixture \.\/[a-z0-9-]+\.flux\.json|\/\*\*| \*\/| \* @jest-env\w+ flux| \* @flux-fixture \.\/[a-z0-9-]+\.flux\.json)$/,
    )
  }
  const statement = source.getStatements().at(-1)
  const title = statement?.getDescendants().find(node => node.getKindName() === 'StringLiteral')
  return (title as unknown as { getLiteralValue(): string } | undefined)?.getLiteralValue()
}

test('tests follow the style of the project', async () => {
  write({ 'src/app.ts': '', 'package.json': '{}' })
  const lines = async (changes: Partial<WriteTestOptions> = {}) => {
    const { file, text } = await writeTest(options(changes))
    return { file: file.slice(dir.length + 1), imported: text.split('\n').find(line => line.includes('src/app')) }
  }
  expect((await lines()).imported).toBe('import { app } from "../../src/app";')
  write({ 'tsconfig.json': '{ "compilerOptions": { "module": "nodenext" } }' })
  expect((await lines()).imported).toBe('import { app } from "../../src/app.js";')
  write({ 'tsconfig.json': '{ "compilerOptions": { "allowImportingTsExtensions": true } }' })
  expect((await lines()).imported).toBe('import { app } from "../../src/app.ts";')
  write({ 'src/other.ts': "import { a } from './a'\nimport { b } from './b'\nimport { c } from \"./c\";\n" })
  expect((await lines()).imported).toBe("import { app } from '../../src/app'")
  write({ '.prettierrc': '{ "semi": true, "singleQuote": false, "plugins": ["not-installed"] }' })
  expect((await lines()).imported).toBe('import { app } from "../../src/app";')
  const script = { entry: { file: join(dir, 'src/app.js'), name: 'app' } }
  expect(await lines(script)).toEqual({
    file: 'test/flux/post-checkout-500-01jd8q.flux.test.mjs',
    imported: 'import { app } from "../../src/app.js";',
  })
  expect(await lines({ ...script, runner: 'jest' })).toEqual({
    file: 'test/flux/post-checkout-500-01jd8q.flux.test.js',
    imported: 'const { app } = require("../../src/app.js");',
  })
  write({ 'package.json': '{ "type": "module" }' })
  expect(await lines({ ...script, runner: 'jest' })).toEqual({
    file: 'test/flux/post-checkout-500-01jd8q.flux.test.js',
    imported: 'import { app } from "../../src/app.js";',
  })
  const named = (name: string) => lines({ entry: { file: join(dir, 'src/app.ts'), name } })
  expect((await named('default')).imported).toBe('import entry from "../../src/app";')
  expect((await named('replay')).imported).toBe('import { replay as entry } from "../../src/app";')
})

test('entries are found by what a module exports', async () => {
  write({
    'src/app.ts': `import type { X } from './none'
export const app = 1, { server, inner: [handler] } = {} as any
export function run() {}
export type Hidden = X
export interface Shape {}
export { deep as renamed } from './deep'
export * from './routes.js'
export type { X }
export default class {}
`,
    'src/routes.ts': "export const routes = 1\nexport default 2\nexport * from './further'\n",
    'src/further.ts': 'export const further = 1\n',
    'src/old.cjs': 'module.exports = { listener() {} }\n',
    'src/older.js': 'exports.listener = () => {}\n',
    'src/index.ts': 'export const index = 1\n',
  })
  const exported = await exportsOf(join(dir, 'src/app.ts'))
  expect([...exported.names].sort()).toEqual('app default handler renamed routes run server'.split(' '))
  expect(exported.open).toBe(true)
  expect([...(await exportsOf(join(dir, 'src/old.cjs'))).names].sort()).toEqual(['default', 'listener'])
  expect([...(await exportsOf(join(dir, 'src/older.js'))).names]).toEqual(['listener'])
  expect(await findEntry(dir, './src/app')).toEqual({ file: join(dir, 'src/app.ts'), name: 'default' })
  expect(await findEntry(dir, './src/app.js#server')).toEqual({ file: join(dir, 'src/app.ts'), name: 'server' })
  expect(await findEntry(dir, './src#index')).toEqual({ file: join(dir, 'src/index.ts'), name: 'index' })
  await expect(findEntry(dir, './src/index#app')).rejects.toMatchObject({
    code: 'FLUX_ENTRY_EXPORT',
    message: 'src/index.ts does not export "app"; it exports index.',
  })
  await expect(findEntry(dir, './src/none.ts')).rejects.toMatchObject({ code: 'FLUX_NO_ENTRY' })
})
