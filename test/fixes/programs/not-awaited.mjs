import express from 'express'
import { pool } from './database.mjs'

const upstream = process.env.UPSTREAM_URL

export const app = express()

async function announce(post) {
  const answer = await fetch(`${upstream}/not-awaited`, { method: 'POST', body: JSON.stringify({ post }) })
  if (!answer.ok) throw new Error(`Announcements answered ${answer.status}`)
}

app.post('/not-awaited', express.json(), async (request, response) => {
  await pool.query('INSERT INTO posts (title) VALUES ($1)', [request.body.title])
  announce(request.body.title)
  response.status(201).json({ title: request.body.title })
})
