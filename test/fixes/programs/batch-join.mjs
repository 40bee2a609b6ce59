import express from 'express'
import { pool } from './database.mjs'

export const app = express()

app.get('/batch-join/:ids', async (request, response) => {
  const seats = []
  for (const id of request.params.ids.split(',')) {
    const { rows } = await pool.query('SELECT row FROM seats WHERE id = $1', [id])
    seats.push(rows[0].row.toUpperCase())
  }
  response.json({ seats })
})
