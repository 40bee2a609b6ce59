import { type Effect, type Entry, newId, type SanitizedRecording } from 'flux-fixtures'
import { describe, expect, test } from 'vitest'
import { Donor, type Refusal } from './borrow.ts'
import { beyondFailure } from './borrow-beyond.ts'

function get(path: string, more: Partial<Effect> = {}): Effect {
  const url = `http://a.example${path}`
  const request = { method: 'GET', url, body: { $flux: 'Body', bytes: 0 } }
  const target = `GET ${url.split('?', 1)[0]}`
  return { boundary: 'http', kind: 'http', operation: 'request', target, request, write: false, ...more }
}

function post(path: string, json: object): Effect {
  const { request, target } = get(path)
  const asked = { ...(request as object), method: 'POST', body: { $flux: 'Body', bytes: 1, json } }
  return get(path, { request: asked, target: target.replace('GET', 'POST'), write: true })
}

function sql(text: string): Effect {
  return {
    boundary: 'pg',
    kind: 'postgres',
    operation: 'query',
    target: `shop: ${text}`,
    request: { text },
    write: /^(?:INSERT|COMMIT)/.test(text),
  }
}

interface Step {
  readonly effect: Effect
  readonly answer?: unknown
  readonly transaction?: Entry['transaction']
}

function recording(steps: readonly (Effect | Step)[], more: Partial<SanitizedRecording> = {}): SanitizedRecording {
  const effects = steps.map((step, index): Entry => {
    const { effect, answer = 1, transaction } = 'effect' in step ? step : { effect: step }
    const value = { status: 200, headers: [['date', String(index)]], body: { $flux: 'Body', bytes: 1, json: answer } }
    const outcome = { status: 'returned' as const, value: effect.kind === 'http' ? value : answer }
    return {
      index,
      path: String(index),
      issuedAt: index,
      completedAt: index + 0.5,
      bytesSent: true,
      effect,
      outcome,
      ...(transaction && { transaction }),
    }
  })
  return { id: newId(), effects, sanitized: [], ...more } as unknown as SanitizedRecording
}

function donor(baseline: SanitizedRecording, fixture: SanitizedRecording, origin?: SanitizedRecording): Donor {
  return new Donor(baseline, fixture, origin, new Set())
}

/** Why the call is refused; `'lent'` and the paths lent otherwise. */
function lent(
  baseline: SanitizedRecording,
  asked: Effect,
  before: readonly Effect[] = [],
  fixture = recording(before),
): string {
  const found = donor(baseline, fixture).lend(
    asked,
    before.map(effect => ({ effect })),
  )
  if (!found) return 'none'
  return 'entries' in found ? `lent ${found.entries.map(({ path }) => path)}` : (found.refusal as Refusal)
}

const PSEUDONYM: Refusal = 'it holds values that sanitizing took, and they may have been others'

describe('a baseline lends', () => {
  test('the same request, whole, each answer once', () => {
    const baseline = recording([get('/a'), get('/b'), get('/b')])
    expect(lent(baseline, get('/b'), [get('/a')])).toBe('lent 1')
    expect(lent(baseline, get('/b'), [get('/a'), get('/b')])).toBe('lent 2')
    expect(lent(baseline, get('/b'), [get('/a'), get('/b'), get('/b')])).toBe('none')
    expect(lent(baseline, get('/b?x=1'))).toBe('none')
  })

  test('nothing that holds a pseudonym, on either side, anywhere in the entry', () => {
    for (const place of [
      'effect/request/url',
      'effect/detail/headers/0/1',
      'outcome/value/body/json',
      'effect/target',
    ]) {
      const baseline = recording([get('/b')], {
        sanitized: [{ path: `/effects/0/${place}`, kind: 'token', mode: 'exact' }],
      })
      expect(lent(baseline, get('/b')), place).toBe(PSEUDONYM)
    }
    const url = get('/users/u0000000001')
    const fixture = recording([{ effect: get('/who'), answer: 'u0000000001' }], {
      sanitized: [{ path: '/effects/0/outcome/value/body/json', kind: 'id', mode: 'exact' }],
    })
    expect(lent(recording([url]), url, [], fixture)).toBe(PSEUDONYM)
  })

  test('a pseudonym that `link` proves to be the same value', () => {
    const url = get('/users/u0000000001')
    const path = '/effects/0/effect/request/url'
    const target = '/effects/0/effect/target'
    const sanitized = [path, target].map(one => ({ path: one, kind: 'id', mode: 'exact' as const }))
    const values = { [path]: 'h1', [target]: 'h2' }
    const origin = recording([url], { sanitized, link: values })
    const fixture = recording([], { sanitized: [] })
    const lend = (link: Record<string, string>) =>
      donor(recording([url], { sanitized, link }), fixture, origin).lend(url, [])
    expect(lend(values)).toMatchObject({ entries: [{ path: '0' }] })
    expect(lend({ ...values, [path]: 'another' })).toMatchObject({ refusal: PSEUDONYM })
    expect(lend({})).toMatchObject({ refusal: PSEUDONYM })
  })

  test('no read across a write that was not made, or was made otherwise, or may have been', () => {
    const order = post('/orders', { sku: 'a' })
    const baseline = recording([get('/a'), order, { effect: get('/a'), answer: 2 }, get('/b')])
    const differs: Refusal = 'what was written before it differs'
    expect(lent(baseline, get('/b'))).toBe(differs)
    expect(lent(baseline, get('/b'), [order])).toBe('lent 3')
    expect(lent(baseline, get('/b'), [order, order])).toBe(differs)
    expect(lent(baseline, get('/b'), [post('/orders', { sku: 'b' })])).toBe(differs)
    expect(donor(baseline, recording([])).lend(get('/b'), [{ effect: order, provenance: 'authored' }])).toMatchObject({
      refusal: differs,
    })
    // The first answer to /a was before the order, the second behind it.
    expect(lent(baseline, get('/a'), [order])).toBe(differs)
    expect(lent(baseline, get('/a'), [get('/a'), order], recording([]))).toBe('lent 2')
    const taken = recording([order, get('/b')], {
      sanitized: [{ path: '/effects/0/effect/request/body/json/sku', kind: 'id', mode: 'exact' }],
    })
    expect(lent(taken, get('/b'), [order])).toBe(differs)
  })

  test('nothing from a world that differs, or a session that was set up otherwise', () => {
    const baseline = recording([{ effect: get('/cart'), answer: ['tea'] }, get('/total')])
    expect(lent(baseline, get('/total'), [get('/cart')], recording([{ effect: get('/cart'), answer: ['mug'] }]))).toBe(
      'the baseline was answered otherwise where both asked the same',
    )
    const session = recording([sql("SELECT set_config('app.user', '7', false)"), sql('SELECT total FROM cart')])
    expect(lent(session, sql('SELECT total FROM cart'))).toBe('the session was set up otherwise before it')
  })

  test('transactions whole or not at all', () => {
    const step = (text: string, ends?: 'commit'): Step => ({
      effect: sql(text),
      transaction: { id: 3, ...(ends && { ends }) },
    })
    const whole = [step('BEGIN'), step('INSERT 1'), step('SELECT 1'), step('COMMIT', 'commit')]
    expect(lent(recording(whole), sql('BEGIN'))).toBe('lent 0,1,2,3')
    const refused: Refusal = 'its transaction cannot be borrowed whole'
    expect(lent(recording(whole), sql('SELECT 1'), [sql('INSERT 1')])).toBe(refused)
    expect(lent(recording(whole.slice(0, 3)), sql('BEGIN'))).toBe(refused)
    const taken = { sanitized: [{ path: '/effects/1/effect/request/text', kind: 'id', mode: 'exact' as const }] }
    expect(lent(recording(whole, taken), sql('BEGIN'))).toBe(refused)
  })

  test('no answer that was not kept, and none that failed or never came', () => {
    const opaque = recording([{ effect: get('/a'), answer: { $flux: 'Opaque', type: 'object' } }])
    expect(lent(opaque, get('/a'))).toBe('its answer was not kept whole')
    const pending = recording([get('/a')])
    const effects = pending.effects.map(entry => ({ ...entry, outcome: { status: 'pending' as const } }))
    expect(lent({ ...pending, effects } as SanitizedRecording, get('/a'))).toBe('its answer was not kept whole')
  })
})

describe('beyond a failure', () => {
  const paths = (baseline: SanitizedRecording, before: readonly Effect[]) => {
    const fixture = recording(before)
    return beyondFailure(donor(baseline, fixture), fixture.effects).entries.map(({ path }) => Number(path))
  }

  test('reads up to the first write, that write, and nothing behind it', () => {
    const order = post('/orders', { sku: 'a' })
    const baseline = recording([get('/a'), get('/b'), order, get('/orders/1'), order])
    expect(paths(baseline, [get('/a')])).toEqual([1, 2])
    expect(paths(baseline, [get('/a?of=another')])).toEqual([1, 2])
    expect(paths(baseline, [get('/other')])).toEqual([])
    expect(paths(baseline, [])).toEqual([0, 1, 2])
    expect(paths(baseline, [get('/a'), order])).toEqual([3, 4])
    expect(paths(baseline, [get('/a'), post('/orders', { sku: 'b' })])).toEqual([])
  })

  test('no transaction, and nothing behind a session that is set up', () => {
    const inside = { id: 1 }
    const steps = [
      get('/a'),
      { effect: sql('BEGIN'), transaction: inside },
      { effect: sql('INSERT 1'), transaction: inside },
      get('/b'),
    ]
    expect(paths(recording(steps), [get('/a')])).toEqual([])
    expect(paths(recording([get('/a'), sql('SET a = 1'), get('/b')]), [get('/a')])).toEqual([])
  })
})
