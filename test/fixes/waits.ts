/** Bugs in what a program waits for: timeouts, backoff, polls. */
import { again, type Bug, fix, fixed, frontier, json, nonFix, otherwise } from './bug.ts'

/** An answer that takes its time, in milliseconds. */
const slow = (body: unknown, afterMs: number) => (response: Parameters<ReturnType<typeof json>>[0]) =>
  setTimeout(() => json(body)(response), afterMs)
const ONCE_MORE = ['await limit() })', 'await limit().catch(() => pause(100).then(limit)) })'] as const
const PAUSE = [
  'async function limit',
  'const pause = wait => new Promise(resolve => setTimeout(resolve, wait))\n\nasync function limit',
] as const

export const waits: readonly Bug[] = [
  {
    program: 'abort-timeout',
    upstream: {
      'GET /abort-timeout/bern': json({ degrees: 12 }),
      'GET /abort-timeout/oslo': slow({ degrees: 2 }, 200),
    },
    before: [{ request: 'GET /abort-timeout/bern' }],
    trigger: { request: 'GET /abort-timeout/oslo' },
    failure: { status: 500, error: 'The operation was aborted due to timeout' },
    versions: [
      fix('the name of the error', [["'AbortError'", "'TimeoutError'"]], fixed({ status: 200, body: { degrees: 0 } })),
      fix(
        'the wait is told, and meant',
        [
          [
            'return response.json({ degrees: 0 })\n',
            "return response.json({ degrees: 0 })\n    if (error.name === 'TimeoutError') return response.status(504).end()\n",
          ],
        ],
        otherwise({ status: 504 }),
        { meant: 504, green: true },
      ),
      nonFix('even less time', [['timeout(40)', 'timeout(20)']], again()),
      nonFix(
        'a catch that answers 200 with nothing',
        [
          [
            "if (error.name === 'AbortError') return response.json({ degrees: 0 })\n    throw error",
            'if (error) response.json({})',
          ],
        ],
        fixed({ status: 200, body: {}, warnings: ['another shape'] }),
      ),
    ],
  },
  {
    program: 'race-timer',
    upstream: { 'GET /race-timer/bern': json({ degrees: 12 }), 'GET /race-timer/oslo': slow({ degrees: 2 }, 150) },
    before: [{ args: ['bern'] }],
    trigger: { args: ['oslo'] },
    failure: { error: 'Error: Too slow' },
    versions: [
      fix(
        'without an answer it is cold',
        [['within(30, degreesIn(city))', 'within(30, degreesIn(city)).catch(() => 0)']],
        fixed({ value: { coat: true } }),
      ),
      fix('more time', [['within(30,', 'within(1000,']], fixed({ value: { coat: true } })),
      nonFix('less time', [['within(30,', 'within(20,']], again()),
      nonFix('more time, and not enough', [['within(30,', 'within(60,']], again()),
    ],
  },
  {
    program: 'backoff',
    upstream: { 'GET /backoff': json({}, 429) },
    trigger: { request: 'GET /backoff' },
    failure: { status: 500, error: 'Error: Limits answered 429' },
    versions: [
      fix('asked once more after a while', [PAUSE, ONCE_MORE], frontier('GET /backoff')),
      nonFix(
        'a while, and not asked again',
        [PAUSE, ['await limit() })', 'await limit().finally(() => pause(100)) })']],
        again(),
      ),
    ],
  },
  {
    program: 'polling',
    upstream: {
      'GET /polling/1': json({ pages: ['a'] }),
      'GET /polling/2': (response, { nth }) => json(nth < 3 ? { pages: null } : {})(response),
    },
    before: [{ args: [1] }],
    trigger: { args: [2] },
    failure: { error: "TypeError: Cannot read properties of undefined (reading 'length')" },
    versions: [
      fix('done without pages', [['state.pages.length', '(state.pages?.length ?? 0)']], fixed({ value: { pages: 0 } })),
      fix('not done without pages', [['state.pages !== null', 'state.pages']], frontier('GET /polling/2')),
      fix(
        'a longer pause as well',
        [
          ['state.pages.length', '(state.pages?.length ?? 0)'],
          ['pause(25)', 'pause(250)'],
        ],
        fixed({ value: { pages: 0 } }),
      ),
      nonFix('a longer pause alone', [['pause(25)', 'pause(250)']], again()),
    ],
  },
  {
    program: 'hedge',
    sql: 'DROP TABLE IF EXISTS hedges; CREATE TABLE hedges (stock text)',
    upstream: { 'GET /hedge/a': slow({ stock: 4 }, 150), 'GET /hedge/b': json({ stocks: 3 }) },
    trigger: { request: 'GET /hedge' },
    failure: { status: 500, error: "TypeError: Cannot read properties of undefined (reading 'toFixed')" },
    versions: [
      fix(
        'the second replica answers otherwise',
        [['const { stock } = await hedged()', 'const { stocks, stock = stocks } = await hedged()']],
        frontier('INSERT INTO hedges'),
      ),
      nonFix('the second is asked sooner', [['resolve, 30', 'resolve, 10']], again()),
    ],
  },
]
