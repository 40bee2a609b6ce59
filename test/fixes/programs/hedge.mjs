import express from 'express'
import { pool } from './database.mjs'

const upstream = process.env.UPSTREAM_URL

export const app = express()

async function ask(replica) {
  return await (await fetch(`${upstream}/hedge/${replica}`)).json()
}

/** Asks a second replica when the first is slow, and takes what comes first. */
async function hedged() {
  const second = new Promise(resolve => setTimeout(resolve, 30)).then(() => ask('b'))
  return await Promise.race([ask('a'), second])
}

app.get('/hedge', async (_, response) => {
  const { stock } = await hedged()
  await pool.query('INSERT INTO hedges (stock) VALUES ($1)', [stock.toFixed()])
  response.json({ stock })
})
