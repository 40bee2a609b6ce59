import type { AddressInfo } from 'node:net'
import { app } from './app.ts'
import { pool } from './database.ts'

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', error => {
  if (error) throw error
  console.log(`checkout listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

process.once('SIGTERM', () => {
  server.close(() => pool.end())
})
