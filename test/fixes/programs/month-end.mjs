import { flux } from 'flux-capture'
import { pool } from './database.mjs'

async function renew(year, month, day) {
  const due = new Date(Date.UTC(year, month - 1, day))
  due.setUTCMonth(due.getUTCMonth() + 1)
  const { rows } = await pool.query('SELECT month, fee FROM fees ORDER BY month')
  const fee = rows.find(row => row.month === month + 1 && row.month === due.getUTCMonth() + 1)
  return { due: due.toISOString().slice(0, 10), fee: fee.fee }
}

export const job = flux.wrap('month-end', renew)
