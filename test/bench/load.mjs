// A load generator on bare sockets: an exact number of requests, at most one under way on each connection.
import { connect } from 'node:net'

const now = performance.now.bind(performance)

/** Opens connections to a local port that stay open between chunks. */
export async function openLoad(port, connections) {
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
      return socket
    }),
  )
  return {
    /**
     * Sends `count` requests.
     * @param bodyOf the body of each, by its number
     * @returns throughput per second and latencies in milliseconds, ascending
     */
    async run(count, bodyOf) {
      const latencies = []
      let next = 0
      const startedAt = now()
      await Promise.all(
        sockets.map(async socket => {
          while (next < count) {
            const askedAt = now()
            const status = await ask(socket, bodyOf(next++))
            if (status !== 201) throw new Error(`The service answered ${status}`)
            latencies.push(now() - askedAt)
          }
        }),
      )
      const seconds = (now() - startedAt) / 1000
      return { throughput: count / seconds, latencies: latencies.sort((a, b) => a - b) }
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

function ask(socket, body) {
  return new Promise((resolve, reject) => {
    let text = ''
    let expected = Number.POSITIVE_INFINITY
    const hear = chunk => {
      text += chunk.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      if (expected === Number.POSITIVE_INFINITY) {
        expected = end + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN)
      }
      if (text.length < expected) return
      socket.off('data', hear)
      socket.off('close', closed)
      resolve(Number(text.slice(9, 12)))
    }
    const closed = () => reject(new Error('The service closed a connection'))
    if (socket.destroyed) return closed()
    socket.on('data', hear)
    socket.on('close', closed)
    socket.write(
      `POST /orders HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  })
}
