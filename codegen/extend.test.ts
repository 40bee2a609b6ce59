import type { Effect, Entry } from 'flux-fixtures'
import { describe, expect, test } from 'vitest'
import { authoredEntry, Places, statedOf } from './extend.ts'
import { blankOf } from './extend-blank.ts'
import { sqlAnswers } from './extend-sql.ts'

describe('what a statement gives back', () => {
  test.each([
    ['BEGIN', 'control', [], 0],
    ['  commit; ', 'control', [], 0],
    ["SET LOCAL app.user = 'x;y'", 'control', [], 0],
    ['INSERT INTO a (b, c) VALUES ($1, $2), (now(), $3)', 'count', [], 2],
    ["INSERT INTO a VALUES ('RETURNING')", 'count', [], 1],
    ['INSERT INTO a SELECT * FROM b', 'count', [], 1],
    ['INSERT INTO a (b) VALUES ($1) ON CONFLICT (b) DO NOTHING', 'count', [], 1],
    [
      'insert into orders (a) values ($1) returning id, "placedAt", created_at::text AS at',
      'rows',
      ['id', 'placedAt', 'at'],
      1,
    ],
    ['UPDATE a SET b = 1 /* RETURNING x */ WHERE c = 2', 'count', [], 1],
    ['UPDATE a SET b = 1 RETURNING *', 'rows', [], 1],
    [
      'SELECT a.id, count(*), sum(b.x) AS total, c::int FROM a JOIN b ON true',
      'rows',
      ['id', 'count', 'total', 'c'],
      1,
    ],
    ['SELECT DISTINCT sku, (SELECT max(x) FROM y) AS most FROM a', 'rows', ['sku', 'most'], 1],
    ['SELECT 1', 'rows', ['?column?'], 1],
    ['SELECT * FROM a', 'rows', [], 1],
    ['SELECT a, b.* FROM a', 'rows', [], 1],
    ['WITH x AS (SELECT a FROM b) SELECT a, c FROM x', 'rows', ['a', 'c'], 1],
    ['WITH x AS (SELECT 1) UPDATE a SET b = 1 RETURNING b', 'rows', ['b'], 1],
    ['DELETE FROM a WHERE b = $1', 'count', [], 1],
    ['SELECT a -- , b\nFROM c', 'rows', ['a'], 1],
    ["SELECT 'it''s, a' AS b, $$x, y$$ AS c FROM d", 'rows', ['b', 'c'], 1],
    ['SELECT a || b, c FROM d', 'rows', [], 1],
    [
      'SELECT a || b AS ab, CASE WHEN x THEN 1 ELSE 2 END, CASE WHEN x THEN 1 END AS y, lower(z) l FROM d',
      'rows',
      ['ab', 'case', 'y', 'l'],
      1,
    ],
    ['SELECT count(*)::int, 42, s.f(x), t."Q" FROM d', 'rows', ['count', '?column?', 'f', 'Q'], 1],
    ['CREATE TABLE a (b int)', 'count', [], 1],
    ['CALL refill($1)', 'rows', [], 1],
  ])('%s', (text, gives, columns, count) => {
    expect(sqlAnswers(text)).toMatchObject([{ gives, columns, count }])
  })

  test('several statements, and none', () => {
    expect(sqlAnswers("BEGIN; SELECT ';' AS a; COMMIT").map(({ verb }) => verb)).toEqual(['BEGIN', 'SELECT', 'COMMIT'])
    expect(sqlAnswers(' ; -- nothing')).toEqual([])
  })
})

function query(text: string, values?: readonly string[]): Effect {
  const request = { text, ...(values && { values }) }
  return { boundary: 'pg', kind: 'postgres', operation: 'query', target: 'shop: …', request, write: true }
}

function get(body?: object): Effect {
  const request = { method: 'POST', url: 'http://a.example/x?y=1', body: { $flux: 'Body', bytes: 2, ...body } }
  return {
    boundary: 'undici',
    kind: 'http',
    operation: 'request',
    target: 'POST http://a.example/x',
    request,
    write: true,
  }
}

function answered(effect: Effect, value: unknown): Entry {
  return { index: 0, path: '0', issuedAt: 0, bytesSent: true, effect, outcome: { status: 'returned', value } }
}

describe('blanks', () => {
  test('of a query without an example: names, unknown types, null', () => {
    const { outcome, holds } = blankOf(query('INSERT INTO a (b) VALUES ($1) RETURNING id, at'), undefined, true)
    expect(holds).toBe('values')
    expect(outcome.value).toMatchObject({
      status: 'T',
      results: [
        { command: 'INSERT 0 1', rows: [[null, null]], fields: [{ name: 'id', dataTypeID: 705 }, { name: 'at' }] },
      ],
    })
  })

  test('of a query with an example: its columns, none of its values', () => {
    const field = { tableID: 1, columnID: 1, dataTypeSize: 4, dataTypeModifier: -1, format: 'text' }
    const fields = [
      { name: 'id', dataTypeID: 23, ...field },
      { name: 'mail', dataTypeID: 25, ...field },
      { name: 'at', dataTypeID: 1184, ...field },
      { name: 'shape', dataTypeID: 600, ...field },
    ]
    const rows = [
      ['41', 'mina', '2026-01-01 00:00:00+00', '(1,2)'],
      ['42', 'ora', '2026-01-01 00:00:00+00', '(1,2)'],
    ]
    const results = [{ command: 'SELECT 2', fields, rows }]
    const like = answered(query('SELECT …'), { results, status: 'I', notices: [{ message: 'secret' }] })
    const other = blankOf(query('SELECT at, name FROM a'), like, false).outcome.value as { results: unknown[] }
    expect(other.results).toMatchObject([
      { fields: [{ dataTypeID: 1184 }, { name: 'name', dataTypeID: 705 }], rows: [['1970-01-01 00:00:00+00', null]] },
    ])
    const { outcome } = blankOf(query('SELECT …'), like, false)
    expect(outcome.value).toEqual({
      status: 'I',
      results: [{ command: 'SELECT 1', fields, rows: [['0', '', '1970-01-01 00:00:00+00', null]] }],
    })
  })

  test('of what opens or ends a transaction: nothing to fill in', () => {
    expect(blankOf(query('BEGIN'), undefined, false)).toEqual({
      holds: 'nothing',
      outcome: { status: 'returned', value: { results: [{ command: 'BEGIN', fields: null, rows: [] }], status: 'T' } },
    })
    expect(blankOf(query('end'), undefined, true).outcome.value).toMatchObject({
      results: [{ command: 'COMMIT' }],
      status: 'I',
    })
    expect(blankOf(query('UPDATE a SET b = 1'), undefined, true)).toMatchObject({
      holds: 'count',
      outcome: { value: { results: [{ command: 'UPDATE 1', fields: null, rows: [] }], status: 'T' } },
    })
  })

  test('of an API: 200, JSON, empty; with an example its status, type and shape', () => {
    expect(blankOf(get(), undefined, false).outcome.value).toMatchObject({
      status: 200,
      headers: [['content-type', 'application/json']],
      body: { $flux: 'Body', type: 'application/json', json: {}, bytes: 2 },
    })
    const json = { id: 'ord_1', total: 12, paid: true, note: null, lines: [{ sku: 'a' }, { sku: 'b' }], tags: [] }
    const body = { $flux: 'Body', type: 'application/hal+json', bytes: 9, json }
    const headers = [['set-cookie', 'a=b']]
    const like = answered(get(), { status: 201, statusText: 'Created', httpVersion: '1.1', headers, body })
    expect(blankOf(get(), like, false).outcome.value).toMatchObject({
      status: 201,
      headers: [['content-type', 'application/hal+json']],
      body: { json: { id: '', total: 0, paid: false, note: null, lines: [{ sku: '' }], tags: [] } },
    })
    const none = answered(get(), {
      status: 204,
      statusText: 'No Content',
      headers: [],
      body: { $flux: 'Body', bytes: 0 },
    })
    expect(blankOf(get(), none, false)).toMatchObject({
      holds: 'count',
      outcome: { value: { status: 204, headers: [] } },
    })
  })
})

describe('what an entry states', () => {
  test('a member goes alone, an array whole, the identity of a request never', () => {
    const effect = get({ json: { key: 'k', deep: { secret: 's', open: 1 }, list: ['a', 's'] } })
    expect(statedOf(effect, [])).toEqual(effect.request)
    expect(statedOf(effect, ['/body/json/deep/secret', '/body/json/list/1'])).toMatchObject({
      body: { json: { key: 'k', deep: { open: 1 } } },
    })
    expect(JSON.stringify(statedOf(effect, ['/body/json/list/1']))).not.toContain('list')
    expect(statedOf(effect, ['/url'])).toBeUndefined()
    expect(statedOf(query('SELECT $1', ['x']), ['/values/0'])).toEqual({ text: 'SELECT $1' })
    expect(statedOf(query('SELECT 1'), ['/text'])).toBeUndefined()
    expect(statedOf(query('SELECT 1'), [''])).toBeUndefined()
  })

  test('an authored entry has no headers, and a place behind everything', () => {
    const effect = { ...query('SELECT a FROM b'), detail: { headers: [['authorization', 'x']] } }
    const places = new Places({
      effects: [{ ...answered(effect, 1), index: 7, transaction: { id: 4 } }],
      clock: { startedAt: 0, duration: 12.5, reads: [] },
    })
    const entry = authoredEntry(
      effect,
      { text: 'SELECT a FROM b' },
      blankOf(effect, undefined, false),
      places.next('a.ts:1:1'),
    )
    expect(entry).toMatchObject({ index: 8, provenance: 'authored', unfilled: true, issuedAt: 12.5, line: 'a.ts:1:1' })
    expect(entry.effect).not.toHaveProperty('detail')
    expect(places.transaction()).toBe(5)
  })
})
