import type { Boundary } from '../../boundary.ts'
import { Connecting } from './connecting.ts'
import type { Client, Pool, Query } from './driver.ts'
import { Querying } from './querying.ts'

/** node-postgres: clients and pools, in JavaScript. */
export const boundary: Boundary = {
  name: 'pg',
  supports: { pg: '^8.11.0' },
  install(host) {
    const querying = new Querying(host)
    const connecting = new Connecting(host)
    host.discover(owns('_pulseQueryQueue', '_attachListeners'), prototype => {
      connecting.installClient(prototype as Client)
      querying.installClient(prototype as Client)
    })
    host.discover(owns('requiresPreparation', 'handleReadyForQuery'), prototype => {
      querying.installQuery(prototype as Query)
    })
    host.discover(owns('newClient', '_pulseQueue'), prototype => connecting.installPool(prototype as Pool))
  },
}

function owns(...names: readonly string[]): (prototype: object) => boolean {
  return prototype => names.every(name => Object.hasOwn(prototype, name))
}
