/** Bugs in numbers, money and dates. */
import { again, answer, type Bug, fix, fixed, frontier, json, nonFix, otherwise, replaced } from './bug.ts'

const OTHER_SHAPE = 'another shape than a success had'

export const amounts: readonly Bug[] = [
  {
    program: 'wrong-amount',
    sql: `DROP TABLE IF EXISTS coupons, charges; CREATE TABLE coupons (code text, percent int);
      CREATE TABLE charges (amount int CHECK (amount >= 0)); INSERT INTO coupons VALUES ('TEN', 10), ('NIL', 0)`,
    before: [{ request: 'POST /wrong-amount', body: { coupon: 'NIL', amount: 900 } }],
    trigger: { request: 'POST /wrong-amount', body: { coupon: 'TEN', amount: 900 } },
    failure: { status: 500, error: 'violates check constraint' },
    versions: [
      fix(
        'a percentage is one of the amount',
        [['rows[0].percent * 100', 'Math.round((request.body.amount * rows[0].percent) / 100)']],
        replaced('INSERT INTO charges'),
      ),
      nonFix('the coupon is asked for otherwise', [['[request.body.coupon]', '[request.body.coupon.toLowerCase()]']], {
        result: 'diverged',
        beyond: ['SELECT FROM coupons'],
        orphans: ['SELECT FROM coupons', 'INSERT INTO charges'],
        divergences: ['changed SELECT FROM coupons /values/0'],
      }),
      nonFix(
        'the charge is skipped, and says so by its shape',
        [
          ["  await pool.query('INSERT INTO charges (amount) VALUES ($1)', [amount])\n", ''],
          ['json({ amount })', 'json({ pending: amount })'],
        ],
        fixed({ status: 201, orphans: ['INSERT INTO charges'], warnings: [OTHER_SHAPE] }),
      ),
    ],
  },
  {
    program: 'float-money',
    sql: 'DROP TABLE IF EXISTS splits; CREATE TABLE splits (cents int)',
    before: [{ request: 'POST /float-money', body: { parts: [0.5, 0.25], total: 0.75 } }],
    trigger: { request: 'POST /float-money', body: { parts: [0.1, 0.2], total: 0.3 } },
    failure: { status: 500, error: 'Error: The parts do not make the total' },
    versions: [
      fix(
        'money is counted in cents',
        [
          ['all + part, 0)', 'all + Math.round(part * 100), 0)'],
          ['sum !== total', 'sum !== Math.round(total * 100)'],
        ],
        frontier('INSERT INTO splits'),
      ),
      fix(
        'and authored to its end',
        [['sum !== total', 'Math.abs(sum - total) > 0.001']],
        fixed({ status: 201, body: { total: 0.3 } }),
        { authored: [answer('INSERT INTO splits', 'INSERT 0 1')] },
      ),
      nonFix('an epsilon that is too small', [['sum !== total', 'Math.abs(sum - total) > 1e-20']], again()),
    ],
  },
  {
    program: 'parse-int',
    sql: `DROP TABLE IF EXISTS tags; CREATE TABLE tags (id int, name text); INSERT INTO tags VALUES (1, 'red'), (2, 'blue')`,
    trigger: { request: 'GET /parse-int?ids=1,2' },
    failure: { status: 500, error: 'invalid input syntax for type integer: "NaN"' },
    versions: [
      fix('a radix of ten', [['.map(parseInt)', '.map(id => Number.parseInt(id, 10))']], replaced('SELECT FROM tags')),
      fix(
        'what is no number is refused',
        [
          [
            '  const { rows }',
            "  if (ids.some(Number.isNaN)) return response.status(422).json({ error: 'ids' })\n  const { rows }",
          ],
        ],
        fixed({ status: 422, orphans: ['SELECT FROM tags'] }),
      ),
    ],
  },
  {
    program: 'date-dst',
    upstream: { 'GET /date-dst/rate': json({ rate: 80 }) },
    before: [
      {
        args: [
          [2026, 6, 1],
          [2026, 6, 3],
        ],
      },
    ],
    trigger: {
      args: [
        [2026, 2, 28],
        [2026, 2, 31],
      ],
    },
    failure: { error: 'RangeError: Invalid array length' },
    versions: [
      fix(
        'a day may have 23 hours',
        [
          [
            '(new Date(...departure) - new Date(...arrival)) / DAY_MS',
            'Math.round((new Date(...departure) - new Date(...arrival)) / DAY_MS)',
          ],
        ],
        fixed({ value: { nights: 3, total: 240 } }),
      ),
      fix(
        'dates are counted in UTC',
        [['new Date(...departure) - new Date(...arrival)', 'Date.UTC(...departure) - Date.UTC(...arrival)']],
        fixed({ value: { nights: 3, total: 240 } }),
      ),
    ],
  },
  {
    program: 'month-end',
    sql: `DROP TABLE IF EXISTS fees; CREATE TABLE fees (month int, fee int); INSERT INTO fees VALUES (2, 5), (3, 6), (4, 7)`,
    before: [{ args: [2027, 2, 15] }],
    trigger: { args: [2027, 1, 31] },
    failure: { error: "TypeError: Cannot read properties of undefined (reading 'fee')" },
    versions: [
      fix(
        'the last day of a shorter month',
        [
          [
            'due.setUTCMonth(due.getUTCMonth() + 1)',
            'due.setUTCDate(Math.min(day, new Date(Date.UTC(year, month + 1, 0)).getUTCDate()))\n  due.setUTCMonth(month)',
          ],
          ['Date.UTC(year, month - 1, day)', 'Date.UTC(year, month - 1, 1)'],
        ],
        fixed({ value: { due: '2027-02-28', fee: 5 } }),
      ),
      nonFix(
        'thirty days later is wrong as well',
        [['due.setUTCMonth(due.getUTCMonth() + 1)', 'due.setUTCDate(due.getUTCDate() + 30)']],
        again(),
      ),
    ],
  },
  {
    program: 'saturday',
    upstream: {
      'GET /saturday/1': json({ arrives: '2026-11-20T09:00:00Z' }),
      'GET /saturday/2': json({ arrives: '2026-11-20T23:30:00Z' }),
    },
    before: [{ args: [1] }],
    trigger: { args: [2] },
    failure: { error: "TypeError: Cannot read properties of undefined (reading 'split')" },
    versions: [
      fix(
        'Saturdays have hours, too',
        [["Fri: '8-16'", "Fri: '8-16', Sat: '9-12'"]],
        fixed({ value: { parcel: 2, from: 'Sat 9:00' } }),
      ),
      nonFix('Sundays have, Saturdays have not', [["Fri: '8-16'", "Fri: '8-16', Sun: '9-12'"]], again()),
    ],
  },
  {
    program: 'seconds',
    upstream: {
      'GET /seconds': (response, { nth }) => json({ expires: nth === 1 ? 4_102_444_800_000 : 4_102_444_800 })(response),
    },
    before: [{ request: 'GET /seconds' }],
    trigger: { request: 'GET /seconds' },
    failure: { status: 500, error: 'Error: The voucher has expired' },
    versions: [
      fix(
        'seconds are no milliseconds',
        [['new Date(expires)', 'new Date(expires < 1e11 ? expires * 1000 : expires)']],
        fixed({ status: 200, body: { valid: true } }),
      ),
      nonFix(
        'another error',
        [["new Error('The voucher has expired')", "new RangeError('The voucher has expired')"]],
        otherwise({ status: 500 }),
      ),
      nonFix(
        'process.exit in place of an answer',
        [["throw new Error('The voucher has expired')", 'process.exit(1)']],
        otherwise({}),
      ),
    ],
  },
]
