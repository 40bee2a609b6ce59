import express from 'express'
import { pool } from './database.mjs'

export const app = express()

async function inTransaction(work) {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await work(client)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

app.post('/write-order', express.json(), async (request, response) => {
  const { trip, stops } = request.body
  await inTransaction(async client => {
    for (const stop of stops) await client.query('INSERT INTO legs (trip, stop) VALUES ($1, $2)', [trip, stop])
    await client.query('INSERT INTO trips (id) VALUES ($1)', [trip])
  })
  response.status(201).json({ trip, stops: stops.length })
})
