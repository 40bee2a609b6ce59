/** Servers that answer badly in every way: bytes are written by hand, because a good server refuses to. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { selfSigned } from './certificate.ts'
import { type Asked, ROUTES } from './routes.ts'

/** Where scenarios find their servers. */
export interface World {
  readonly plain: string
  /** Over TLS, with a certificate that nobody trusts. */
  readonly secure: string
  /** Nothing listens there. */
  readonly closed: string
  /** No such name. */
  readonly unknown: string
}

export interface Service {
  readonly world: World
  stop(): Promise<void>
}

/** Starts all servers on loopback. */
export async function startService(): Promise<Service> {
  const sockets = new Set<Socket>()
  const serve = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    void converse(socket)
  }
  const plain = createServer({ noDelay: true, allowHalfOpen: true }, serve)
  const secure = tls.createServer(selfSigned(), serve)
  secure.on('tlsClientError', () => {})
  const closed = createServer()
  const ports = await Promise.all([plain, secure, closed].map(listen))
  await close(closed)
  return {
    world: {
      plain: `http://127.0.0.1:${ports[0]}`,
      secure: `https://127.0.0.1:${ports[1]}`,
      closed: `http://127.0.0.1:${ports[2]}`,
      unknown: 'http://flux-fidelity.invalid',
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await Promise.all([close(plain), close(secure)])
    },
  }
}

function listen(server: Server): Promise<number> {
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => server.close(() => resolve()))
}

/** Serves the requests of one connection, one after the other. */
async function converse(socket: Socket): Promise<void> {
  let received = Buffer.alloc(0)
  let count = 0
  try {
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk])
      // A handshake of TLS.
      if (received[0] === 22) return void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
      for (;;) {
        const end = received.indexOf('\r\n\r\n')
        if (end < 0) break
        const head = received.toString('latin1', 0, end)
        const [method = '', path = ''] = head.split(' ')
        const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0)
        if (received.length < end + 4 + length) {
          if (/^expect:/im.test(head)) await write('HTTP/1.1 100 Continue\r\n\r\n')
          break
        }
        const body = received.subarray(end + 4, end + 4 + length)
        received = received.subarray(end + 4 + length)
        const asked: Asked = { method, body, count: ++count, socket, write, pause: sleep }
        const route = ROUTES[path.split('?', 1)[0] ?? '']
        await (route ?? (ROUTES['/nowhere'] as NonNullable<typeof route>))(asked)
      }
    }
    socket.end()
  } catch {
    // The client went away.
  }

  function write(bytes: string | Uint8Array): Promise<void> {
    return new Promise(resolve => {
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => resolve())
    })
  }
}
