import express from 'express'
import { pool } from './database.mjs'

export const app = express()

app.get('/empty-result/:shelf', async (request, response) => {
  const { rows } = await pool.query('SELECT pages FROM books WHERE shelf = $1', [request.params.shelf])
  const pages = rows.map(row => row.pages).reduce((sum, count) => sum + count)
  response.json({ books: rows.length, pages })
})
