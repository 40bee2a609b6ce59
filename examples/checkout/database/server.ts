import { readFile } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

// PGlite is one session. The socket server keeps a client's turn while a transaction is open, but hands single
// protocol messages of different clients to it in between: the unnamed statement one client has parsed is then bound
// by another. A batch (Parse, Bind, Describe, Execute … Sync) therefore counts as open, too.
class SharedDatabase extends PGlite {
  #batchOpen = false

  override isInTransaction(): boolean {
    return this.#batchOpen || super.isInTransaction()
  }

  override async execProtocolRawStream(...[message, options]: Parameters<PGlite['execProtocolRawStream']>) {
    this.#batchOpen = 'PBDECH'.includes(String.fromCharCode(message[0] ?? 0))
    await super.execProtocolRawStream(message, options)
  }
}

const database = new SharedDatabase()
for (const file of ['../schema.sql', './seed.sql']) {
  await database.exec(await readFile(new URL(file, import.meta.url), 'utf8'))
}

const server = new PGLiteSocketServer({ db: database, port: Number(process.env.PORT ?? 5455), maxConnections: 20 })
await server.start()
console.log(`database listening on postgres://postgres@${server.getServerConn()}/postgres`)

process.once('SIGTERM', async () => {
  await server.stop()
  await database.close()
})
