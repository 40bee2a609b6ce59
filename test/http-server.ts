import { createServer, type RequestListener } from 'node:http'
import https from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

/** A pre-shared key in place of a certificate: nothing to generate, nothing to expire. */
export const TLS = {
  ciphers: 'PSK-AES256-GCM-SHA384',
  maxVersion: 'TLSv1.2',
  checkServerIdentity: () => undefined,
} as const
const PSK = Buffer.alloc(32, 7)
export const pskOfClient = () => ({ psk: PSK, identity: 'test' })

export interface TestServer {
  readonly url: string
  stop(): Promise<void>
}

/** Serves what the tests of the HTTP boundaries ask for. */
export function startHttp(): Promise<TestServer> {
  return listen(createServer(respond), 'http')
}

export function startHttps(): Promise<TestServer> {
  const { ciphers, maxVersion } = TLS
  return listen(https.createServer({ ciphers, maxVersion, pskCallback: () => PSK }, respond), 'https')
}

async function listen(server: Server & { closeAllConnections(): void }, protocol: string): Promise<TestServer> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${protocol}://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const respond: RequestListener = async (request, response) => {
  response.sendDate = false
  const path = request.url?.split('?')[0]
  switch (path) {
    case '/text':
      response.setHeader('Set-Cookie', ['a=1', 'b=2'])
      return response.end('hello')
    case '/echo': {
      const body: Buffer[] = []
      for await (const chunk of request) body.push(chunk)
      response.setHeader('X-Method', request.method ?? '')
      return response.end(Buffer.concat(body))
    }
    case '/gzip':
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      return response.end(gzipSync(JSON.stringify({ price: 12 })))
    case '/events':
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const token of ['one', 'two', 'three']) {
        response.write(`data: ${token}\n\n`)
        await sleep(15)
      }
      return response.end()
    case '/trailers':
      response.writeHead(200, { trailer: 'x-sum' })
      response.write('body')
      response.addTrailers({ 'x-sum': '42' })
      return response.end()
    case '/empty':
      return response.writeHead(204).end()
    case '/redirect':
      return response.writeHead(302, { location: '/text' }).end('moved')
    case '/fails':
      return response.writeHead(503, 'Out Of Order', { 'retry-after': '5' }).end('{"error":"down"}')
    case '/busy':
      return response.writeHead(503).end('busy')
    case '/cut':
      response.writeHead(200, { 'content-length': '100' })
      response.write('part')
      await sleep(10)
      return request.socket.destroy()
    case '/reset':
      return request.socket.destroy()
    case '/big':
      return response.end(Buffer.alloc(300_000, 'x'))
    case '/never':
      return
    default:
      return response.writeHead(404).end()
  }
}
