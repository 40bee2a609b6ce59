import express from 'express'
import { pool } from './database.mjs'

export const app = express()

app.put('/swapped/:id', express.json(), async (request, response) => {
  const { rows } = await pool.query('SELECT owner FROM bikes WHERE id = $1', [request.params.id])
  await pool.query('UPDATE bikes SET owner = $1 WHERE id = $2', [request.params.id, request.body.owner])
  response.json({ before: rows[0].owner, owner: request.body.owner })
})
