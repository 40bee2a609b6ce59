import { flux } from 'flux-capture'
import { pool } from './database.mjs'

const upstream = process.env.UPSTREAM_URL

async function load(city) {
  const cached = await pool.query('SELECT degrees FROM forecasts WHERE city = $1', [city])
  if (cached.rows[0]) return cached.rows[0].degrees
  const { degrees } = await (await fetch(`${upstream}/stampede/${city}`)).json()
  await pool.query('INSERT INTO forecasts (city, degrees) VALUES ($1, $2)', [city, degrees])
  return degrees
}

async function compare(from, to) {
  const [here, there] = await Promise.all([load(from), load(to)])
  return { warmer: there - here }
}

export const job = flux.wrap('stampede', compare)
