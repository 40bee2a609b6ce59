/** Bugs in what a program asks of other services: how, where, how often. */
import { again, againAfter, type Bug, fix, fixed, frontier, json, nonFix, otherwise, replaced } from './bug.ts'

export const requests: readonly Bug[] = [
  {
    program: 'http-body',
    upstream: {
      'POST /http-body/invoices': (response, { body }) =>
        JSON.parse(body).amount === '900' ? json({ number: 7 })(response) : json({ error: 'No amount' }, 400)(response),
    },
    before: [{ request: 'POST /http-body', body: { amount: 900 } }],
    trigger: { request: 'POST /http-body', body: { amount: 1900 } },
    failure: { status: 500, error: 'Error: No amount' },
    versions: [
      fix(
        'numbers go over the wire as numbers',
        [["request.body.amount.toLocaleString('de-DE')", 'request.body.amount']],
        replaced('POST /http-body/invoices'),
      ),
      nonFix(
        'the write is skipped, and its number invented',
        [
          [
            '  const answer = await fetch',
            '  if (request.body.amount > 1000) return response.status(201).json({ number: 8 })\n  const answer = await fetch',
          ],
        ],
        fixed({ status: 201, orphans: ['POST /http-body/invoices'] }),
      ),
    ],
  },
  {
    program: 'http-url',
    upstream: {
      'GET /http-url/search?q=Baker': json({ hits: ['Baker Street'] }),
      'GET /http-url/search?q=Alt': json({}, 400),
    },
    before: [{ args: ['Baker'] }],
    trigger: { args: ['Alt&Neu'] },
    failure: { error: 'Error: The search answered' },
    versions: [
      fix(
        'what stands in a URL is encoded',
        [['${name}', '${encodeURIComponent(name)}']],
        replaced('GET /http-url/search'),
      ),
    ],
  },
  {
    program: 'other-client',
    upstream: { 'GET /other-client': json({ hits: 2 }) },
    trigger: { request: 'GET /other-client?q=ink' },
    failure: { status: 500, error: 'TypeError: Request with GET/HEAD method cannot have body.' },
    versions: [
      fix(
        'node:http sends what fetch does not',
        [
          [
            "import express from 'express'",
            "import http from 'node:http'\nimport { json } from 'node:stream/consumers'\nimport express from 'express'",
          ],
          [
            "  const answer = await fetch(`${upstream}/other-client`, { method: 'GET', body: query })\n  return await answer.json()",
            "  return await new Promise((resolve, reject) => {\n    const asked = http.request(`${upstream}/other-client`, answer => resolve(json(answer)))\n    asked.on('error', reject).end(query)\n  })",
          ],
        ],
        frontier('GET /other-client'),
      ),
      fix('it is posted', [["method: 'GET'", "method: 'POST'"]], frontier('POST /other-client')),
      nonFix('HEAD has no body either', [["method: 'GET'", "method: 'HEAD'"]], again()),
    ],
  },
  {
    program: 'other-endpoint',
    sql: `DROP TABLE IF EXISTS banks; CREATE TABLE banks (code text, bank text); INSERT INTO banks VALUES ('5001', 'north')`,
    upstream: { 'GET /other-endpoint/v1/north': json({}, 410) },
    trigger: { request: 'GET /other-endpoint/BC-5001' },
    failure: { status: 500, error: 'Error: Gone' },
    versions: [
      fix(
        'the new version of the API',
        [['/v1/', '/v2/']],
        replaced('GET /other-endpoint/v2/north', 'GET /other-endpoint/v1/north'),
      ),
      fix(
        'a search in its place',
        [
          [
            'fetch(`${upstream}/other-endpoint/v1/${rows[0].bank}`)',
            "fetch(`${upstream}/other-endpoint/search`, { method: 'POST', body: rows[0].bank })",
          ],
        ],
        replaced('POST /other-endpoint/search', 'GET /other-endpoint/v1/north'),
      ),
      fix(
        'the call is not needed',
        [
          [
            "  const answer = await fetch(`${upstream}/other-endpoint/v1/${rows[0].bank}`)\n  if (answer.status === 410) throw new Error('Gone')\n  const { name } = await answer.json()\n",
            '',
          ],
          ['bank: name', 'bank: rows[0].bank'],
        ],
        fixed({ status: 200, body: { bank: 'north' }, orphans: ['GET /other-endpoint/v1/north'] }),
      ),
      nonFix(
        'a constant in place of what is read: its orphans tell',
        [['  const { rows }', "  if (request.params.code) return response.json({ bank: 'north' })\n  const { rows }"]],
        fixed({ status: 200, orphans: ['SELECT FROM banks', 'GET /other-endpoint/v1/north'] }),
      ),
      nonFix('another bank is asked for', [['slice(3, 7)', 'slice(2, 7)']], {
        result: 'diverged',
        beyond: ['SELECT FROM banks'],
        orphans: ['SELECT FROM banks', 'GET /other-endpoint/v1/north'],
        divergences: ['changed SELECT FROM banks /values/0'],
      }),
      nonFix(
        'a swallowed call that nothing answers',
        [
          ['  const { rows }', '  await fetch(`${upstream}/other-endpoint/seen`).catch(() => {})\n  const { rows }'],
          ["throw new Error('Gone')", 'return response.json({ bank: rows[0].bank })'],
        ],
        {
          result: 'diverged',
          beyond: ['GET /other-endpoint/seen'],
          divergences: ['unexpected GET /other-endpoint/seen'],
        },
      ),
      nonFix(
        'a call that nobody awaits, before a good answer',
        [
          [
            '  const { rows }',
            "  void fetch(`${upstream}/other-endpoint/seen`).catch(() => {})\n  return response.json({ bank: 'north' })\n  const { rows }",
          ],
        ],
        {
          result: 'diverged',
          beyond: ['GET /other-endpoint/seen'],
          orphans: ['SELECT FROM banks', 'GET /other-endpoint/v1/north'],
          divergences: ['unexpected GET /other-endpoint/seen'],
        },
      ),
    ],
  },
  {
    program: 'batch-first',
    upstream: { 'GET /batch-first/items/9': json({ price: null }), 'GET /batch-first/items/1': json({ price: 3 }) },
    before: [{ request: 'GET /batch-first?ids=1' }],
    trigger: { request: 'GET /batch-first?ids=9,1' },
    failure: { status: 500, error: "TypeError: Cannot read properties of null (reading 'toFixed')" },
    versions: [
      fix(
        'one request for all, the first being the one that fails',
        [
          [
            "  const prices = []\n  for (const id of request.query.ids.split(',')) {\n    const { price } = await (await fetch(`${upstream}/batch-first/items/${id}`)).json()\n    prices.push(price.toFixed(2))\n  }",
            '  const items = await (await fetch(`${upstream}/batch-first/items?ids=${request.query.ids}`)).json()\n  const prices = items.map(({ price }) => price?.toFixed(2))',
          ],
        ],
        replaced('GET /batch-first/items', 'GET /batch-first/items/9'),
      ),
    ],
  },
  {
    program: 'batch-split',
    upstream: {
      'POST /batch-split': (response, { body }) =>
        JSON.parse(body).length > 2 ? response.writeHead(413).end('Too many') : json({})(response),
    },
    before: [{ args: [['a', 'b']] }],
    trigger: { args: [['a', 'b', 'c']] },
    failure: { error: 'Error: Too many' },
    versions: [
      fix(
        'two at a time',
        [['await send(mails)', 'for (let at = 0; at < mails.length; at += 2) await send(mails.slice(at, at + 2))']],
        replaced('POST /batch-split'),
      ),
      fix('one each, all at once', [['await send(mails)', 'await Promise.all(mails.map(mail => send([mail])))']], {
        result: 'reached-frontier',
        beyond: ['POST /batch-split', 'POST /batch-split', 'POST /batch-split'],
        orphans: ['POST /batch-split'],
      }),
      nonFix(
        'a status in place of the text',
        [['new Error(await answer.text())', 'new Error(String(answer.status))']],
        otherwise({ error: 'Error: 413' }),
      ),
    ],
  },
  {
    program: 'added-call',
    upstream: { 'GET /added-call/readings': json({}, 401) },
    trigger: { request: 'GET /added-call' },
    failure: { status: 500, error: 'Error: Not allowed' },
    versions: [
      fix(
        'a token is asked for first',
        [
          [
            '  const answer = await fetch(`${upstream}/added-call/readings`)',
            "  const { token } = await (await fetch(`${upstream}/added-call/token`, { method: 'POST' })).json()\n  const answer = await fetch(`${upstream}/added-call/readings`, { headers: { authorization: `Bearer ${token}` } })",
          ],
        ],
        { result: 'reached-frontier', beyond: ['POST /added-call/token'], orphans: ['GET /added-call/readings'] },
      ),
      nonFix(
        'a call more, and no token',
        [['  const answer', "  await fetch(`${upstream}/added-call/token`, { method: 'POST' })\n  const answer"]],
        againAfter('POST /added-call/token'),
      ),
    ],
  },
]
