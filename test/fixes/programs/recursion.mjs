import { flux } from 'flux-capture'
import { pool } from './database.mjs'

function pathOf(folders, id) {
  const folder = folders.get(id)
  return [...pathOf(folders, folder.parent), folder.name]
}

async function locate(id) {
  const { rows } = await pool.query('SELECT id, parent, name FROM folders ORDER BY id')
  return { path: pathOf(new Map(rows.map(row => [row.id, row])), id).join('/') }
}

export const job = flux.wrap('recursion', locate)
