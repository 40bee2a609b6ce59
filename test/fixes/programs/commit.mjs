import { flux } from 'flux-capture'
import pg from 'pg'

async function withClient(work) {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function open(owner) {
  await withClient(async client => {
    await client.query('BEGIN')
    await client.query('INSERT INTO vaults (owner) VALUES ($1)', [owner])
  })
  const { rows } = await withClient(client => client.query('SELECT id FROM vaults WHERE owner = $1', [owner]))
  return { owner, vault: rows[0].id }
}

export const job = flux.wrap('commit', open)
