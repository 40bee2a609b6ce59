import express from 'express'
import { pool } from './database.mjs'

export const app = express()

async function planOf(user) {
  const { rows } = await pool.query('SELECT name, seats FROM plans WHERE id = $1', [user])
  return rows[0]
}

app.get('/missing-await/:user', async (request, response) => {
  const plan = planOf(request.params.user)
  response.json({ plan: plan.name.toUpperCase(), seats: plan.seats })
})
