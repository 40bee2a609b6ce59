import { Patches } from 'flux-capture/internal'
import type { Effect } from 'flux-fixtures'
import { expect, test } from 'vitest'
import { NockScopes } from './nock.ts'

test('a scope answers a call on a connection that is kept', async () => {
  const { default: nock } = await import('nock')
  nock('http://ledger.example').get('/orders').reply(200, { total: 7 })
  const patches = new Patches()
  const scopes = new NockScopes(patches, globalThis, fetch)
  const effect: Effect = {
    boundary: 'http',
    kind: 'http',
    operation: 'request',
    target: 'GET http://ledger.example/orders',
    request: { method: 'GET', url: 'http://ledger.example/orders', body: { $flux: 'Body', bytes: 0 } },
    detail: {
      headers: [
        ['Host', 'ledger.example'],
        ['Connection', 'keep-alive'],
      ],
    },
    write: false,
  }
  try {
    expect(await scopes.ask(effect)).toMatchObject({ status: 'returned', value: { status: 200 } })
    expect(await scopes.ask(effect)).toBeUndefined()
  } finally {
    patches.restore()
    nock.restore()
  }
})
