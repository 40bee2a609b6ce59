import express from 'express'
import { pool } from './database.mjs'

export const app = express()

app.post('/validation', express.json(), async (request, response) => {
  const { rows } = await pool.query('INSERT INTO visits (path) VALUES ($1) RETURNING path', [request.path])
  await pool.query('UPDATE counters SET visits = visits + 1')
  const { rows: counters } = await pool.query('SELECT count(*) FROM counters')
  const guests = request.body.guests.map(guest => guest.name)
  response.status(201).json({ path: rows[0].path, counters: counters.length, guests })
})
