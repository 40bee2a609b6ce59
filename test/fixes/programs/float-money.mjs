import express from 'express'
import { pool } from './database.mjs'

export const app = express()

app.post('/float-money', express.json(), async (request, response) => {
  const { parts, total } = request.body
  const sum = parts.reduce((all, part) => all + part, 0)
  if (sum !== total) throw new Error('The parts do not make the total')
  await pool.query('INSERT INTO splits (cents) VALUES ($1)', [Math.round(total * 100)])
  response.status(201).json({ total })
})
