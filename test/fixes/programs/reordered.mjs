import express from 'express'
import { pool } from './database.mjs'

const upstream = process.env.UPSTREAM_URL

export const app = express()

app.get('/reordered/:order', async (request, response) => {
  let currency
  const { rows } = await pool.query('SELECT cents, currency FROM bills WHERE id = $1', [request.params.order])
  const rates = await (await fetch(`${upstream}/reordered/rates`)).json()
  const rate = rates[currency].rate
  currency = rows[0].currency
  response.json({ euros: (rows[0].cents * rate) / 100 })
})
