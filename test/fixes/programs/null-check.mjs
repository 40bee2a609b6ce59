import express from 'express'
import { pool } from './database.mjs'

export const app = express()

app.get('/null-check/:id', async (request, response) => {
  const { rows } = await pool.query('SELECT id, name, nickname FROM members WHERE id = $1', [request.params.id])
  const [member] = rows
  const greeting = member.nickname.trim()
  response.json({ id: member.id, greeting })
})
