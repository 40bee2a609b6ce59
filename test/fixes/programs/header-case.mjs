import http from 'node:http'
import { pool } from './database.mjs'

async function roomsOf(headers) {
  const tenant = headers['X-Tenant'].toLowerCase()
  const { rows } = await pool.query('SELECT name FROM rooms WHERE tenant = $1', [tenant])
  return rows.map(row => row.name)
}

export const app = http.createServer((request, response) => {
  roomsOf(request.headers).then(
    rooms => response.end(JSON.stringify({ rooms })),
    error => response.writeHead(500).end(error.message),
  )
})
