import express from 'express'
import { pool } from './database.mjs'

export const app = express()

async function ticketOf(id) {
  const { rows } = await pool.query('SELECT id, seat FROM tickets WHERE id = $1', [id])
  return { id: rows[0].id, seat: rows[0].seat }
}

app.get('/not-found/:id', async (request, response) => {
  const ticket = await ticketOf(request.params.id)
  response.json(ticket)
})
