/** Bugs in what a program makes of other services' answers. */
import { again, type Bug, fix, fixed, frontier, json, nonFix, otherwise } from './bug.ts'

const OTHER_SHAPE = 'another shape than a success had'

export const upstreams: readonly Bug[] = [
  {
    program: 'html-page',
    upstream: {
      'GET /html-page/bern': json({ degrees: 21 }),
      'GET /html-page/oslo': response =>
        response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'),
    },
    before: [{ request: 'GET /html-page/bern' }],
    trigger: { request: 'GET /html-page/oslo' },
    failure: { status: 500, error: 'SyntaxError: Unexpected token' },
    versions: [
      fix(
        'no weather is no error',
        [
          ['await answer.json()', '(answer.ok ? await answer.json() : {})'],
          ['weather.degrees', 'weather.degrees ?? null'],
        ],
        fixed({ status: 200, body: { city: 'oslo', degrees: null }, warnings: [OTHER_SHAPE] }),
      ),
      fix(
        'the failure of the upstream is told, and meant',
        [
          [
            '  const weather',
            "  if (!answer.ok) return response.status(502).json({ error: 'No weather' })\n  const weather",
          ],
        ],
        otherwise({ status: 502, body: { error: 'No weather' } }),
        { meant: 502, green: true },
      ),
      nonFix(
        'another 5xx that nobody means',
        [
          [
            '  const weather',
            "  if (!answer.ok) return response.status(502).json({ error: 'No weather' })\n  const weather",
          ],
        ],
        otherwise({ status: 502 }),
      ),
    ],
  },
  {
    program: 'truncated',
    upstream: {
      'GET /truncated': response => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '40' })
        response.write('[{"name":"Bern"},')
        setTimeout(() => response.destroy(), 20)
      },
    },
    trigger: { request: 'GET /truncated' },
    failure: { status: 500, error: 'TypeError: terminated' },
    versions: [
      fix(
        'asked once more',
        [['const found = await stations()', 'const found = await stations().catch(() => stations())']],
        frontier('GET /truncated'),
      ),
      fix(
        'the cut is told, and meant',
        [
          [
            'const found = await stations()',
            'const found = await stations().catch(() => undefined)\n  if (!found) return response.status(504).end()',
          ],
        ],
        otherwise({ status: 504 }),
        { meant: 504, green: true },
      ),
      nonFix(
        'a catch for another error',
        [
          [
            'const found = await stations()',
            "const found = await stations().catch(error => {\n    if (error.name !== 'SyntaxError') throw error\n    return []\n  })",
          ],
        ],
        again(),
      ),
    ],
  },
  {
    program: 'too-many',
    sql: `DROP TABLE IF EXISTS quotes; CREATE TABLE quotes (symbol text, price int)`,
    upstream: { 'GET /too-many/acme': json({ error: 'slow down' }, 429) },
    trigger: { request: 'GET /too-many/acme' },
    failure: { status: 500, error: 'Error: Quotes answered 429' },
    versions: [
      fix(
        'the last known quote is read',
        [
          [
            '  if (!answer.ok)',
            "  if (answer.status === 429) {\n    const { rows } = await pool.query('SELECT price FROM quotes WHERE symbol = $1', [symbol])\n    return response.json({ symbol, price: rows[0]?.price })\n  }\n  if (!answer.ok)",
          ],
        ],
        frontier('SELECT FROM quotes'),
      ),
      fix(
        'the client is told to wait, and meant',
        [
          [
            '  if (!answer.ok)',
            "  if (answer.status === 429) return response.status(503).set('retry-after', '1').end()\n  if (!answer.ok)",
          ],
        ],
        otherwise({ status: 503 }),
        { meant: 503, green: true },
      ),
      nonFix(
        'the wrong status is looked for',
        [['if (!answer.ok)', 'if (answer.status === 420) return response.status(503).end()\n  if (!answer.ok)']],
        again(),
      ),
    ],
  },
  {
    program: 'retry',
    upstream: { 'GET /retry/a1': json({}, 503), 'GET /retry/b2': json({ stock: 3 }) },
    before: [{ request: 'GET /retry/b2' }],
    trigger: { request: 'GET /retry/a1' },
    failure: { status: 500, error: 'Error: Stock answered 503' },
    versions: [
      fix(
        'asked once more',
        [
          [
            'await stockOf(request.params.sku)',
            'await stockOf(request.params.sku).catch(() => stockOf(request.params.sku))',
          ],
        ],
        frontier('GET /retry/a1'),
      ),
      nonFix(
        'an answer behind which it crashes',
        [
          [
            'const stock = await',
            'return void (response.status(202).end(), stockOf(request.params.sku))\n  const stock = await',
          ],
        ],
        otherwise({ status: 202, error: 'Error: Stock answered 503' }),
      ),
      nonFix(
        'an early answer whose failure the framework swallows',
        [['const stock =', 'response.status(202).end()\n  const stock =']],
        fixed({ status: 202, warnings: ['A success answered 200 in production; this run answered 202.'] }),
      ),
    ],
  },
  {
    program: 'error-handling',
    sql: `DROP TABLE IF EXISTS films; CREATE TABLE films (id int, title text); INSERT INTO films VALUES (1, 'Solaris'), (2, 'Stalker')`,
    upstream: {
      'GET /error-handling/1': json(['Stalker']),
      'GET /error-handling/2': response => response.destroy(),
    },
    before: [{ request: 'GET /error-handling/1' }],
    trigger: { request: 'GET /error-handling/2' },
    failure: { status: 500, error: 'TypeError: fetch failed' },
    versions: [
      fix(
        'what is optional may fail',
        [['await similar(request.params.id)', "await similar(request.params.id).catch(() => ['Solaris'])"]],
        fixed({ status: 200, body: { id: 2, title: 'Stalker', also: ['Solaris'] } }),
      ),
      nonFix(
        'a catch that answers 200 with less',
        [
          ['response.json({ ...rows[0], also })', 'response.json(rows[0])'],
          ['await similar(request.params.id)', 'await similar(request.params.id).catch(() => [])'],
        ],
        fixed({ status: 200, warnings: [OTHER_SHAPE] }),
      ),
      nonFix(
        'a catch around everything that answers 204',
        [
          [
            '  const { rows }',
            '  try {\n    await answerFilm(request, response)\n  } catch {\n    response.status(204).end()\n  }\n})\n\nasync function answerFilm(request, response) {\n  const { rows }',
          ],
          ['response.json({ ...rows[0], also })\n})', 'response.json({ ...rows[0], also })\n}'],
        ],
        fixed({ status: 204, warnings: ['A success answered 200 in production; this run answered 204.'] }),
      ),
    ],
  },
  {
    program: 'deliberate',
    upstream: { 'GET /deliberate/7': json({ error: 'maintenance' }) },
    trigger: { request: 'GET /deliberate/7' },
    failure: { status: 500, error: "TypeError: Cannot read properties of undefined (reading 'filter')" },
    versions: [
      fix(
        'the maintenance is told, and meant',
        [
          [
            '  response.json',
            "  if (!seats) return response.status(503).json({ error: 'Maintenance' })\n  response.json",
          ],
        ],
        otherwise({ status: 503, body: { error: 'Maintenance' } }),
        { meant: 503, green: true },
      ),
      fix(
        'an error handler answers for the same error, and that is meant',
        [
          ["app.get('/del", "app.use('/deliberate', express.Router())\napp.get('/del"],
          ['\n})\n', '\n})\n\napp.use((_error, _request, response, _next) => response.status(503).end())\n'],
        ],
        { result: 'reproduced', status: 503 },
        { meant: 503, green: true },
      ),
      nonFix(
        'another status than the one that is meant',
        [['  response.json', '  if (!seats) return response.status(502).end()\n  response.json']],
        otherwise({ status: 502 }),
        { meant: 503, green: false },
      ),
    ],
  },
  {
    program: 'wrong-class',
    upstream: {
      'GET /wrong-class/1': json({ theme: 'dark' }),
      'GET /wrong-class/2': response => response.end('theme=dark'),
    },
    before: [{ request: 'GET /wrong-class/1' }],
    trigger: { request: 'GET /wrong-class/2' },
    failure: { status: 500, error: 'SyntaxError: Unexpected token' },
    versions: [
      fix(
        'the right class',
        [['instanceof TypeError', 'instanceof SyntaxError']],
        fixed({ status: 200, body: { theme: 'light' } }),
      ),
      nonFix('yet another class', [['instanceof TypeError', 'instanceof RangeError']], again()),
    ],
  },
  {
    program: 'pagination',
    upstream: {
      'GET /pagination/1': json({ names: ['a', 'b'], next: { path: '/pagination/2' } }),
      'GET /pagination/2': json({ names: ['c'], next: { path: '/pagination/3' } }),
      'GET /pagination/3': json({ names: ['d'] }),
    },
    trigger: { request: 'GET /pagination' },
    failure: { status: 500, error: "TypeError: Cannot read properties of undefined (reading 'path')" },
    versions: [
      fix(
        'the last page has no next',
        [["path = page.next.path\n    if (path === '') break", 'if (!page.next) break\n    path = page.next.path']],
        fixed({ status: 200, body: { names: ['a', 'b', 'c', 'd'] } }),
      ),
      fix(
        'a page beyond the last is empty',
        [['path = page.next.path', "path = page.next?.path ?? (page.names.length > 0 ? '/pagination/4' : '')"]],
        frontier('GET /pagination/4'),
      ),
      nonFix(
        'a first page that nobody awaits takes the place of the one that is',
        [['const names = []', 'const names = []\n  void fetch(`${upstream}/pagination/1`)']],
        {
          result: 'diverged',
          beyond: ['GET /pagination/1'],
          orphans: ['GET /pagination/2', 'GET /pagination/3'],
          divergences: ['unexpected GET /pagination/1'],
        },
      ),
    ],
  },
]
