import express from 'express'
import { pool } from './database.mjs'

export const app = express()

app.get('/double-parse/:id', async (request, response) => {
  const { rows } = await pool.query('SELECT id, roles FROM staff WHERE id = $1', [request.params.id])
  const roles = JSON.parse(rows[0].roles)
  response.json({ id: rows[0].id, admin: roles.includes('admin') })
})
