/** Bugs in what a program makes of the values that a database or an upstream gives it. */
import { again, againAfter, answer, type Bug, fix, fixed, frontier, json, nonFix, otherwise, replaced } from './bug.ts'

/** The one sign of a `catch` that hides a failure behind a good answer. */
const OTHER_SHAPE = 'another shape than a success had'

export const values: readonly Bug[] = [
  {
    program: 'null-check',
    sql: `DROP TABLE IF EXISTS members; CREATE TABLE members (id int PRIMARY KEY, name text, nickname text);
      INSERT INTO members VALUES (1, 'Ada', ' ada '), (2, 'Grace', NULL)`,
    before: [{ request: 'GET /null-check/1' }],
    trigger: { request: 'GET /null-check/2' },
    failure: { status: 500, error: "TypeError: Cannot read properties of null (reading 'trim')" },
    versions: [
      fix(
        'the null is checked',
        [['member.nickname.trim()', 'member.nickname?.trim() ?? member.name']],
        fixed({ status: 200, body: { id: 2, greeting: 'Grace' } }),
      ),
      fix(
        'the query leaves no null',
        [['name, nickname FROM', 'name, coalesce(nickname, name) AS nickname FROM']],
        replaced('SELECT FROM members'),
      ),
      nonFix('a comment', [['  const greeting', '  // Some have none.\n\n  const greeting']], again()),
      nonFix(
        'an unrecorded query above the failing line',
        [['  const greeting', "  await pool.query('SELECT 1 FROM members')\n  const greeting"]],
        againAfter('SELECT FROM members'),
      ),
      nonFix(
        'a guard that moves the failure',
        [['member.nickname.trim()', '(member.nickname ?? undefined).trim()']],
        otherwise({ status: 500, error: "TypeError: Cannot read properties of undefined (reading 'trim')" }),
      ),
      nonFix(
        'an error that wraps the error',
        [
          [
            'member.nickname.trim()',
            "(() => { try { return member.nickname.trim() } catch (cause) { throw new Error('No greeting', { cause }) } })()",
          ],
        ],
        otherwise({ status: 500, error: 'Error: No greeting' }),
      ),
      nonFix(
        'an answer that breaks off',
        [
          [
            '  const greeting',
            "  response.writeHead(200, { 'content-length': '9' }).write('{')\n  return setImmediate(() => response.destroy())\n  const greeting",
          ],
        ],
        otherwise({}),
      ),
      nonFix(
        'a child process in place of the nickname',
        [
          ['member.nickname.trim()', "execSync('whoami').toString()"],
          ['import express', "import { execSync } from 'node:child_process'\nimport express"],
        ],
        { result: 'leaked', leaks: ['spawn whoami'] },
      ),
      nonFix(
        'a name is looked up, and the failure to do so swallowed',
        [
          ['member.nickname.trim()', "(await lookup('nicknames.example').catch(() => ({ address: '' }))).address"],
          ['import express', "import { lookup } from 'node:dns/promises'\nimport express"],
        ],
        { result: 'leaked', leaks: ['dns nicknames.example'] },
      ),
      nonFix(
        'a catch that answers 200',
        [
          [
            '  const greeting = member.nickname.trim()\n  response.json({ id: member.id, greeting })',
            '  try {\n    response.json({ id: member.id, greeting: member.nickname.trim() })\n  } catch {\n    response.json({})\n  }',
          ],
        ],
        fixed({ status: 200, body: {}, warnings: [OTHER_SHAPE] }),
      ),
    ],
  },
  {
    program: 'payload-shape',
    upstream: {
      'GET /payload-shape?basket=1': json({ items: [{ price: 4 }] }),
      'GET /payload-shape?basket=2': json({ data: { items: [{ price: 5 }, { price: 6 }] } }),
    },
    before: [{ request: 'GET /payload-shape?basket=1' }],
    trigger: { request: 'GET /payload-shape?basket=2' },
    failure: { status: 500 },
    versions: [
      fix(
        'both shapes are read',
        [
          ['const { items } = await', 'const answer = await'],
          ['return items', 'const { items } = answer.data ?? answer\n  return items'],
        ],
        fixed({ status: 200, body: { basket: '2', total: 11 } }),
      ),
      nonFix(
        'the status alone changes',
        [['response.statusCode = 500', 'response.statusCode = 502']],
        otherwise({ status: 502 }),
      ),
      nonFix(
        'a catch that answers 200',
        [['response.statusCode = 500', 'response.statusCode = 200']],
        fixed({ status: 200, warnings: [OTHER_SHAPE] }),
      ),
    ],
  },
  {
    program: 'json-path',
    upstream: {
      'GET /json-path/1': json({ price: { total: 4.5 } }),
      'GET /json-path/2': json({ price: { net: 10, gross: { total: 11.9 } } }),
    },
    before: [{ request: 'GET /json-path/1' }],
    trigger: { request: 'GET /json-path/2' },
    failure: { status: 500, error: "TypeError: Cannot read properties of undefined (reading 'toFixed')" },
    versions: [
      fix(
        'the right path',
        [['quote.price.total', '(quote.price.gross ?? quote.price).total']],
        fixed({ status: 200, body: { parcel: '2', price: '11.90' } }),
      ),
      nonFix('another wrong path', [['quote.price.total', 'quote.price.nett']], again()),
    ],
  },
  {
    program: 'off-by-one',
    upstream: { 'GET /off-by-one': json({ stops: [{ metres: 100 }, { metres: 250 }] }) },
    trigger: { request: 'GET /off-by-one' },
    failure: { status: 500, error: "TypeError: Cannot read properties of undefined (reading 'metres')" },
    versions: [
      fix('one step less', [['at <= stops', 'at < stops']], fixed({ status: 200, body: { metres: 350 } })),
      nonFix(
        'the failure moves to another function',
        [
          ['metres += stops[at].metres', 'metres += metresOf(stops[at])'],
          ['async (_', 'async function answer(_'],
          [', response) =>', ', response)'],
          ['function distance', 'const metresOf = function metresOf(stop) { return stop.metres }\n\nfunction distance'],
        ],
        otherwise({ status: 500 }),
      ),
    ],
  },
  {
    program: 'empty-result',
    sql: `DROP TABLE IF EXISTS books; CREATE TABLE books (shelf text, pages int); INSERT INTO books VALUES ('a', 120), ('a', 80)`,
    before: [{ request: 'GET /empty-result/a' }],
    trigger: { request: 'GET /empty-result/b' },
    failure: { status: 500, error: 'TypeError: Reduce of empty array with no initial value' },
    versions: [
      fix(
        'the sum of nothing',
        [['sum + count)', 'sum + count, 0)']],
        fixed({ status: 200, body: { books: 0, pages: 0 } }),
      ),
      fix(
        'an empty shelf is not found',
        [
          [
            '  const pages',
            "  if (rows.length === 0) return response.status(404).json({ error: 'Empty' })\n  const pages",
          ],
        ],
        fixed({ status: 404, warnings: ['A success answered 200 in production; this run answered 404.'] }),
      ),
    ],
  },
  {
    program: 'header-case',
    sql: `DROP TABLE IF EXISTS rooms; CREATE TABLE rooms (tenant text, name text); INSERT INTO rooms VALUES ('north', 'Oak')`,
    trigger: { request: 'GET /header-case', headers: { 'X-Tenant': 'North' } },
    failure: { status: 500 },
    versions: [
      fix('names of headers are in lower case', [["'X-Tenant'", "'x-tenant'"]], frontier('SELECT FROM rooms')),
      fix('its answer is authored', [["'X-Tenant'", "'x-tenant'"]], fixed({ status: 200, body: { rooms: ['Oak'] } }), {
        authored: [answer('SELECT FROM rooms', 'SELECT 1', ['name'], ['Oak'])],
      }),
    ],
  },
  {
    program: 'environment-default',
    sql: `DROP TABLE IF EXISTS news; CREATE TABLE news (title text); INSERT INTO news VALUES ('Rain')`,
    trigger: { request: 'GET /environment-default' },
    failure: { status: 500, error: 'column "nan" does not exist' },
    versions: [
      fix(
        'a default for the variable',
        [['Number(process.env.NEWS_PAGE_SIZE)', 'Number(process.env.NEWS_PAGE_SIZE ?? 20)']],
        replaced('SELECT FROM news'),
      ),
    ],
  },
  {
    program: 'encoding',
    upstream: {
      'GET /encoding/ice': response => {
        response.writeHead(200, { 'content-type': 'text/plain; charset=latin1' })
        response.end(Buffer.from('Köln', 'latin1'))
      },
    },
    trigger: { request: 'GET /encoding/ice' },
    failure: { status: 500, error: 'Error: No such station' },
    versions: [
      fix(
        'the bytes are read as what they are',
        [['await answer.text()', "Buffer.from(await answer.arrayBuffer()).toString('latin1')"]],
        fixed({ status: 200, body: { platforms: 8 } }),
      ),
      nonFix(
        'the bytes are read as UTF-8 once more',
        [['await answer.text()', 'Buffer.from(await answer.arrayBuffer()).toString()']],
        again(),
      ),
    ],
  },
  {
    program: 'map-order',
    upstream: {
      'GET /map-order/1': json([{ version: 2, files: [{ name: 'b.tgz' }] }]),
      'GET /map-order/2': json([
        { version: 1, files: [] },
        { version: 3, files: [{ name: 'c.tgz' }] },
      ]),
    },
    before: [{ args: [1] }],
    trigger: { args: [2] },
    failure: { error: "TypeError: Cannot read properties of undefined (reading 'name')" },
    versions: [
      fix(
        'sorted, not as it came',
        [['= byVersion.values()', '= [...byVersion.values()].sort((a, b) => b.version - a.version)']],
        fixed({ value: { version: 3, file: 'c.tgz' } }),
      ),
      nonFix(
        'null in place of a result',
        [
          [
            'return { version: latest.version, file: latest.files[0].name }',
            'return latest.files.length > 0 ? { version: latest.version, file: latest.files[0].name } : null',
          ],
        ],
        fixed({ value: null, warnings: [OTHER_SHAPE] }),
      ),
    ],
  },
  {
    program: 'recursion',
    sql: `DROP TABLE IF EXISTS folders; CREATE TABLE folders (id int, parent int, name text);
      INSERT INTO folders VALUES (1, 1, 'home'), (2, 1, 'music')`,
    trigger: { args: [2] },
    failure: { error: 'RangeError: Maximum call stack size exceeded' },
    versions: [
      fix(
        'the root is its own parent',
        [['  return [...pathOf', '  if (folder.parent === id) return [folder.name]\n  return [...pathOf']],
        fixed({ value: { path: 'home/music' } }),
      ),
      nonFix(
        'a base case that is never met',
        [['  return [...pathOf', '  if (!folder) return []\n  return [...pathOf']],
        again(),
      ),
    ],
  },
  {
    program: 'double-parse',
    sql: `DROP TABLE IF EXISTS staff; CREATE TABLE staff (id int, roles jsonb); INSERT INTO staff VALUES (1, '["admin"]')`,
    trigger: { request: 'GET /double-parse/1' },
    failure: { status: 500, error: 'SyntaxError' },
    versions: [
      fix(
        'the driver has parsed it',
        [['JSON.parse(rows[0].roles)', 'rows[0].roles']],
        fixed({ status: 200, body: { id: 1, admin: true } }),
      ),
    ],
  },
]
