import express from 'express'
import { pool } from './database.mjs'

export const app = express()

app.post('/rollback', express.json(), async (request, response) => {
  const { claim, parts } = request.body
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('INSERT INTO claims (id, parts) VALUES ($1, $2)', [claim, parts.length])
    const cents = parts.map(part => part.price.cents)
    await client.query('COMMIT')
    response.status(201).json({ claim, cents })
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
})
