import express from 'express'
import { pool } from './database.mjs'

const upstream = process.env.UPSTREAM_URL

export const app = express()

app.get('/too-many/:symbol', async (request, response) => {
  const { symbol } = request.params
  const answer = await fetch(`${upstream}/too-many/${symbol}`)
  if (!answer.ok) throw new Error(`Quotes answered ${answer.status}`)
  const { price } = await answer.json()
  response.json({ symbol, price })
})
