import express from 'express'
import { pool } from './database.mjs'

const pageSize = Number(process.env.NEWS_PAGE_SIZE)

export const app = express()

app.get('/environment-default', async (_, response) => {
  const { rows } = await pool.query(`SELECT title FROM news ORDER BY title LIMIT ${pageSize}`)
  response.json(rows.map(row => row.title))
})
