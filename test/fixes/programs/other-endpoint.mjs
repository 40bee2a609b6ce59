import express from 'express'
import { pool } from './database.mjs'

const upstream = process.env.UPSTREAM_URL

export const app = express()

app.get('/other-endpoint/:code', async (request, response) => {
  const { rows } = await pool.query('SELECT bank FROM banks WHERE code = $1', [request.params.code.slice(3, 7)])
  const answer = await fetch(`${upstream}/other-endpoint/v1/${rows[0].bank}`)
  if (answer.status === 410) throw new Error('Gone')
  const { name } = await answer.json()
  response.json({ bank: name })
})
