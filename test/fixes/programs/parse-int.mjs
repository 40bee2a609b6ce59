import express from 'express'
import { pool } from './database.mjs'

export const app = express()

app.get('/parse-int', async (request, response) => {
  const ids = String(request.query.ids).split(',').map(parseInt)
  const { rows } = await pool.query('SELECT name FROM tags WHERE id = ANY($1::int[]) ORDER BY id', [ids])
  response.json(rows.map(row => row.name))
})
