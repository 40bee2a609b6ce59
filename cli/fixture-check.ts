import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { digestOf, type Fixture, FluxError, FORMAT_VERSION, findHidden, isFluxError, readFixture } from 'flux-fixtures'

/** What was found in a fixture. `unreadable`: it could not be looked at. */
export interface Checked {
  readonly file: string
  readonly result: 'ok' | 'found' | 'unreadable'
  readonly findings: readonly Finding[]
}

export interface Finding {
  readonly code:
    | 'schema'
    | 'digest'
    | 'proof'
    | 'hidden'
    | 'unfilled'
    | 'test'
    | 'FLUX_FIXTURE_CORRUPT'
    | 'FLUX_FIXTURE_NEWER'
  readonly message: string
}

const MAX_SCHEMA_FINDINGS = 3
let validate: ValidateFunction | undefined

/**
 * Checks one fixture: the published schema, the digest, a proof for it, blanks, hidden characters, and that a test beside it names it.
 * @param shown what to call the file
 * @throws FluxError `FLUX_NOT_FOUND`
 */
export function checkFixture(file: string, shown: string): Checked {
  const text = textOf(file, shown)
  const hidden = hiddenIn(text)
  const json = parse(text)
  if (json === undefined) return unreadable(text, shown)
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined
  if (typeof format === 'number' && format > FORMAT_VERSION) return unreadable(text, shown)
  const wrong = schemaFindings(json)
  if (wrong.length > 0) return { file: shown, result: 'found', findings: [...wrong, ...hidden] }
  let fixture: Fixture
  try {
    fixture = readFixture(text, shown)
  } catch {
    return unreadable(text, shown)
  }
  const findings = [...proofFindings(fixture), ...unfilledFindings(fixture), ...hidden, ...testFindings(file)]
  return { file: shown, result: findings.length > 0 ? 'found' : 'ok', findings }
}

function textOf(file: string, shown: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new FluxError('FLUX_NOT_FOUND', `There is no fixture ${shown}.`, { hint: 'Correct the path.', cause })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** In the words of the reader, which knows the line and the column. */
function unreadable(text: string, shown: string): Checked {
  try {
    readFixture(text, shown)
    return { file: shown, result: 'ok', findings: [] }
  } catch (error) {
    if (!isFluxError(error)) throw error
    const code = error.code === 'FLUX_FIXTURE_NEWER' ? error.code : 'FLUX_FIXTURE_CORRUPT'
    const message = `${error.message.replace(/\.$/, '')}. ${error.hint}`
    return { file: shown, result: 'unreadable', findings: [{ code, message }] }
  }
}

function schemaFindings(json: unknown): Finding[] {
  if (!validate) {
    const schema = createRequire(import.meta.url)('flux-fixtures/schema.json') as object
    const ajv = new Ajv2020({ allErrors: true, strictRequired: false, strictTypes: false, allowUnionTypes: true })
    validate = ajv.compile(schema)
  }
  if (validate(json)) return []
  return (validate.errors ?? []).slice(0, MAX_SCHEMA_FINDINGS).map(({ instancePath, message }) => ({
    code: 'schema',
    message: `${instancePath || 'the file'} ${message ?? 'is not valid'}`,
  }))
}

function proofFindings(fixture: Fixture): Finding[] {
  const digest = digestOf(fixture)
  if (fixture.digest !== digest) {
    return [{ code: 'digest', message: 'its recorded parts were changed: the digest is of other contents' }]
  }
  if (!fixture.proof) {
    return fixture.failure ? [{ code: 'proof', message: 'it has no proof; `flux pull` proves it' }] : []
  }
  if (fixture.proof.of === digest) return []
  return [{ code: 'proof', message: 'its proof is for another recording; `flux pull` proves it' }]
}

/** Blanks that `flux extend` left for a person. */
function unfilledFindings({ effects }: Fixture): Finding[] {
  return effects.flatMap(({ unfilled, effect }, position) => {
    if (!unfilled) return []
    const message = `/effects/${position} is still to be filled in: ${effect.operation} ${effect.target}`
    return [{ code: 'unfilled' as const, message }]
  })
}

function hiddenIn(text: string): Finding[] {
  const found = findHidden(text)
  if (!found) return []
  const line = text.slice(0, found.offset).split('\n').length
  const character = `U+${found.codePoint.toString(16).toUpperCase().padStart(4, '0')}`
  return [{ code: 'hidden', message: `line ${line} holds the hidden character ${character}` }]
}

/** A test in the same folder must name the fixture. */
function testFindings(file: string): Finding[] {
  const name = basename(file)
  const folder = dirname(file)
  const stem = name.slice(0, -'.flux.json'.length)
  const tests = readdirSync(folder).filter(one => /\.(?:test|spec)\.[cm]?[jt]sx?$/.test(one))
  const beside = tests.filter(one => one.startsWith(`${stem}.flux.`))
  for (const test of [...beside, ...tests]) {
    const [, named] = /@flux-fixture\s+(\S+)/.exec(readFileSync(join(folder, test), 'utf8')) ?? []
    if (named === `./${name}` || named === name) return []
  }
  const [other] = beside
  const message = other === undefined ? 'no test beside it names it' : `${other} no longer names it`
  return [{ code: 'test', message }]
}
