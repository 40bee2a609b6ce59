import express from 'express'
import { pool } from './database.mjs'

const upstream = process.env.UPSTREAM_URL

export const app = express()

async function similar(id) {
  const answer = await fetch(`${upstream}/error-handling/${id}`)
  return await answer.json()
}

app.get('/error-handling/:id', async (request, response) => {
  const { rows } = await pool.query('SELECT id, title FROM films WHERE id = $1', [request.params.id])
  const also = await similar(request.params.id)
  response.json({ ...rows[0], also })
})
