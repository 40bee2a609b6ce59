import express from 'express'
import { pool } from './database.mjs'

export const app = express()

app.get('/sql-text/:id', async (request, response) => {
  const { rows } = await pool.query('SELECT id, plate_number FROM cars WHERE id = $1', [request.params.id])
  response.json(rows[0])
})
