import express from 'express'
import { pool } from './database.mjs'

export const app = express()

app.post('/wrong-amount', express.json(), async (request, response) => {
  const { rows } = await pool.query('SELECT percent FROM coupons WHERE code = $1', [request.body.coupon])
  const amount = request.body.amount - rows[0].percent * 100
  await pool.query('INSERT INTO charges (amount) VALUES ($1)', [amount])
  response.status(201).json({ amount })
})
