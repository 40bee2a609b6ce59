import express from 'express'
import { pool } from './database.mjs'

export const app = express()

app.post('/duplicate', express.json(), async (request, response) => {
  const { mail, name } = request.body
  try {
    await pool.query('INSERT INTO readers (mail, name) VALUES ($1, $2)', [mail, name])
  } catch (error) {
    if (error.code === '23503') return response.status(409).json({ error: 'Known' })
    throw error
  }
  response.status(201).json({ name })
})
