import { flux } from 'flux-capture'
import { pool } from './database.mjs'

async function reserve(item) {
  const client = await pool.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE')
    const { rows } = await client.query('SELECT reserve_item($1) AS left', [item])
    await client.query('COMMIT')
    return rows[0].left
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

async function order(item) {
  return { item, left: await reserve(item) }
}

export const job = flux.wrap('serialization', order)
