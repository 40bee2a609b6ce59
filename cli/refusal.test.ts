import type { Fixture } from 'flux-fixtures'
import type { Verdict } from 'flux-replay'
import { expect, test } from 'vitest'
import { failedRequest } from './project.example.ts'
import { provesFailure, refusalOf } from './refusal.ts'

const call = { kind: 'http', operation: 'request', target: 'GET http://rates.example/rates' }
const reproduced: Verdict = {
  result: 'reproduced',
  id: '01m7x84pg0000000000000000a',
  recorded: { status: 500 },
  effects: [],
  orphans: [],
  bound: [],
  beyond: [],
  divergences: [],
  leaks: [],
  warnings: [],
  clock: { startedAt: 0, endedAt: 0 },
}

test('a failure for want of the recorded answer proves nothing', () => {
  const elsewhere: Verdict = {
    ...reproduced,
    orphans: [{ ...call, index: 0 }],
    beyond: [{ ...call, effect: { ...call, boundary: 'undici', request: null, write: false } }],
  }
  expect(provesFailure(reproduced)).toBe(true)
  expect(provesFailure(elsewhere)).toBe(false)
  expect(provesFailure({ ...reproduced, result: 'fixed' })).toBe(false)
  const fixture = { ...failedRequest(), sanitized: [{ path: '/trigger/request/url', kind: 'text', mode: 'exact' }] }
  const lines = refusalOf(fixture as unknown as Fixture, [JSON.stringify(elsewhere)])?.join('\n')
  expect(lines).toContain('asks for something else here than what was recorded')
  expect(lines).toContain('recorded   request GET http://rates.example/rates')
  expect(lines).toContain('/trigger/request/url  (text)')
  expect(refusalOf(fixture as unknown as Fixture, [JSON.stringify(reproduced)])).toBeUndefined()
})
