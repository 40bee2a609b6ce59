/** Bugs of a program that writes before it fails. */
import { type Bug, fix, fixed, nonFix, otherwise } from './bug.ts'

const GUESTS = ['request.body.guests.map', '(request.body.guests ?? []).map'] as const
const ORPHANS = ['INSERT INTO visits', 'UPDATE counters', 'SELECT FROM counters']

export const writes: readonly Bug[] = [
  {
    program: 'validation',
    sql: `DROP TABLE IF EXISTS visits, counters; CREATE TABLE visits (path text); CREATE TABLE counters (visits int);
      INSERT INTO counters VALUES (0)`,
    before: [{ request: 'POST /validation', body: { guests: [] } }],
    trigger: { request: 'POST /validation', body: { guest: 'Ada' } },
    failure: { status: 500, error: "TypeError: Cannot read properties of undefined (reading 'map')" },
    versions: [
      fix(
        'early validation leaves the writes unasked',
        [
          [
            '  const { rows } =',
            "  if (!request.body.guests) return response.status(422).json({ error: 'guests' })\n  const { rows } =",
          ],
        ],
        fixed({
          status: 422,
          orphans: ORPHANS,
          warnings: ['A success answered 201 in production; this run answered 422.'],
        }),
      ),
      fix(
        'no guests are none',
        [GUESTS],
        fixed({ status: 201, body: { path: '/validation', counters: 1, guests: [] } }),
      ),
      nonFix(
        'an early 202 that leaves the writes unasked',
        [['  const { rows } =', '  if (!request.body.guests) return response.status(202).end()\n  const { rows } =']],
        {
          result: 'diverged',
          reason: 'missing',
          status: 202,
          orphans: ORPHANS,
          divergences: ['missing INSERT INTO visits', 'missing UPDATE counters'],
        },
      ),
      nonFix('a write is skipped', [GUESTS, ["  await pool.query('UPDATE counters SET visits = visits + 1')\n", '']], {
        result: 'diverged',
        reason: 'missing',
        status: 201,
        orphans: ['UPDATE counters'],
        divergences: ['missing UPDATE counters'],
      }),
      nonFix('a write says something else', [GUESTS, ['visits + 1', 'visits + 2']], {
        result: 'diverged',
        beyond: ['UPDATE counters'],
        orphans: ['UPDATE counters', 'SELECT FROM counters'],
        divergences: ['changed UPDATE counters /text'],
      }),
      nonFix('the divergence is swallowed', [GUESTS, ["visits + 1')", "visits + 2').catch(() => {})"]], {
        result: 'diverged',
        beyond: ['UPDATE counters'],
        orphans: ['UPDATE counters'],
        divergences: ['changed UPDATE counters /text'],
      }),
      nonFix(
        'a redirect in place of the writes',
        [['  const { rows } =', "  if (!request.body.guests) return response.redirect('/guests')\n  const { rows } ="]],
        {
          result: 'diverged',
          reason: 'missing',
          status: 302,
          orphans: ORPHANS,
          divergences: ['missing INSERT INTO visits', 'missing UPDATE counters'],
        },
      ),
      nonFix(
        'a file in place of an answer',
        [
          GUESTS,
          ["import express from 'express'", "import fs from 'node:fs'\nimport express from 'express'"],
          ['  const guests', "  fs.writeFileSync('guests', '')\n  const guests"],
        ],
        { result: 'leaked', leaks: ['file-write writeFileSync guests'] },
      ),
      nonFix(
        'a socket past every boundary, its error swallowed',
        [
          GUESTS,
          ["import express from 'express'", "import net from 'node:net'\nimport express from 'express'"],
          [
            '  const guests',
            "  await new Promise(done => net.connect(9, '127.0.0.1').on('error', done))\n  const guests",
          ],
        ],
        { result: 'leaked', leaks: ['socket 127.0.0.1:9'] },
      ),
      nonFix('it never answers', [['  const guests', '  await new Promise(() => {})\n  const guests']], {
        result: 'not-replayable',
      }),
      nonFix(
        'process.exit in place of an answer',
        [['  const guests', '  if (!request.body.guests) process.exit(0)\n  const guests']],
        otherwise({}),
      ),
      nonFix(
        'an early 202, and the work behind it crashes',
        [
          [
            '  const guests = request',
            '  response.status(202).end()\n  await null\n  return void visit(request, counters)\n  const guests = request',
          ],
          [
            'export const app',
            'async function visit(request) {\n  return request.body.guests.map(guest => guest.name)\n}\n\nexport const app',
          ],
        ],
        otherwise({ status: 202 }),
      ),
    ],
  },
]
