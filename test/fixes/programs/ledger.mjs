import { randomUUID } from 'node:crypto'
import express from 'express'
import { pool } from './database.mjs'

const upstream = process.env.UPSTREAM_URL

export const app = express()

async function rateOf(currency) {
  const answer = await fetch(`${upstream}/ledger/rates/${currency}`)
  const { rate } = await answer.json()
  return rate
}

app.post('/ledger', express.json(), async (request, response) => {
  const id = randomUUID()
  const { cents, currency } = request.body
  await pool.query('INSERT INTO ledger (id, cents, at) VALUES ($1, $2, $3)', [id, cents, new Date()])
  const rate = await rateOf(currency)
  const body = JSON.stringify({ id, cents })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${upstream}/ledger/receipts`, { method: 'POST', headers, body })
  const receipt = await answer.json()
  await pool.query('UPDATE ledger SET cents = $1 WHERE id = $2', [cents * rate, id])
  response.status(201).json({ total: cents * rate, link: receipt.links[0].href })
})
