/** Finds the servers that the tests use, starts an embedded Postgres where none runs, and says what was absent. */
import { connect } from 'node:net'
import { startProcess } from './process.ts'

const DEFAULT_DATABASE = 'postgres://postgres@127.0.0.1:5432/test'

export async function setup(): Promise<(() => Promise<void>) | undefined> {
  const url = process.env.DATABASE_URL ?? DEFAULT_DATABASE
  if (await answers(url)) {
    process.env.DATABASE_URL = url
    return undefined
  }
  const { hostname, port } = new URL(url)
  const absent = `Postgres at ${hostname}:${port || 5432}`
  if (process.env.FLUX_REQUIRE_SERVICES === '1') {
    throw new Error(`Required and absent: ${absent}. Start it, set DATABASE_URL, or unset FLUX_REQUIRE_SERVICES.`)
  }
  const database = await startProcess('examples/checkout/database/server.ts', { PORT: '0' })
  process.env.DATABASE_URL = database.url
  process.env.FLUX_EMBEDDED_POSTGRES = '1'
  return async () => {
    await database.stop()
    const instead = 'The tests ran on an embedded Postgres (PGlite), but for "a connection that breaks".'
    process.stderr.write(`\n*** ABSENT: ${absent}. ${instead} ***\n`)
  }
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return new Promise(resolve => {
    const socket = connect({ host: hostname, port: Number(port || 5432) })
    socket.setTimeout(1_000, () => socket.destroy())
    socket.once('connect', () => {
      resolve(true)
      socket.destroy()
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
}
