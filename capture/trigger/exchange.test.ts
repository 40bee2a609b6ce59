import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RawBody } from 'flux-fixtures'
import { afterEach, expect, test } from 'vitest'
import { type Exchange, observeExchange } from './exchange.ts'

const servers: http.Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

interface Seen {
  exchange: Exchange
  events: (number | boolean)[]
  response: http.IncomingMessage
  body: Buffer
}

async function exchangeOf(listener: http.RequestListener, options: http.RequestOptions, sent: Buffer): Promise<Seen> {
  const events: (number | boolean)[] = []
  let exchange: Exchange | undefined
  const closed = new Promise<void>(resolve => {
    const server = http.createServer((request, response) => {
      exchange = observeExchange(request, response, {
        id: 'the-id',
        elapsed: () => 0,
        held() {},
        head: status => events.push(status),
        closed(answered) {
          events.push(answered)
          resolve()
        },
      })
      listener(request, response)
    })
    servers.push(server)
  })
  const [server] = servers.slice(-1) as [http.Server]
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const request = http.request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ...options })
  request.end(sent)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  await closed
  if (!exchange) throw new Error('No exchange')
  return { exchange, events, response, body: Buffer.concat(chunks) }
}

const bytesOf = (body: unknown) => Buffer.concat((body as RawBody).raw)

test('bodies are seen byte for byte, both ways', async () => {
  const sent = randomBytes(300_000)
  const { exchange, events, body } = await exchangeOf(
    (request, response) => request.pipe(response),
    { method: 'PUT' },
    sent,
  )
  expect(body.equals(sent)).toBe(true)
  expect(bytesOf(exchange.request().body).equals(sent)).toBe(true)
  expect(bytesOf(exchange.response().body).equals(sent)).toBe(true)
  expect(events).toEqual([200, true])
})

test('text in any encoding is seen as the bytes it goes out as', async () => {
  const { exchange, body } = await exchangeOf(
    (_, response) => {
      response.write('größe ')
      response.write('größe ', 'latin1')
      response.end('cafe', 'hex')
    },
    {},
    Buffer.alloc(0),
  )
  expect(bytesOf(exchange.response().body).equals(body)).toBe(true)
})

test.each<[string, (response: http.ServerResponse) => void]>([
  ['an object', response => response.writeHead(201, 'Made', { 'X-One': '1', 'x-two': ['2', '3'] })],
  ['a flat list', response => response.writeHead(201, ['X-One', '1', 'x-two', '2', 'x-two', '3'])],
  [
    'pairs',
    response =>
      response.writeHead(201, [
        ['X-One', '1'],
        ['x-two', '2'],
        ['x-two', '3'],
      ] as never),
  ],
  ['pieces', response => response.setHeader('X-One', '1').setHeader('x-two', ['2', '3']).writeHead(201)],
])('headers given as %s go out as they would', async (_, write) => {
  const listener: http.RequestListener = (_request, response) => {
    write(response)
    response.end()
  }
  const { exchange, response } = await exchangeOf(listener, {}, Buffer.alloc(0))
  const own = response.rawHeaders.slice(0, 6)
  expect(own).toEqual(['X-One', '1', 'x-two', '2', 'x-two', '3'])
  expect(response.headers['x-flux-execution-id']).toBe('the-id')
  expect(exchange.response()).toMatchObject({ status: 201 })
  expect(exchange.response().headers.slice(0, 3)).toEqual([
    ['X-One', '1'],
    ['x-two', '2'],
    ['x-two', '3'],
  ])
})

test('an answer to HEAD has no body', async () => {
  const { exchange } = await exchangeOf((_, response) => response.end('body'), { method: 'HEAD' }, Buffer.alloc(0))
  expect(bytesOf(exchange.response().body)).toHaveLength(0)
})
