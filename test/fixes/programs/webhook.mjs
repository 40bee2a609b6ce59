import express from 'express'
import { pool } from './database.mjs'

export const app = express()

app.post('/webhook', express.json(), async (request, response) => {
  const { event, cents } = request.body
  await pool.query('INSERT INTO deliveries (event, cents) VALUES ($1, $2)', [event, cents])
  response.status(201).json({ booked: cents })
})
