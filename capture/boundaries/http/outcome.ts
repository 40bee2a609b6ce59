import type { Host, Reply } from '../../boundary.ts'
import { nextTurn, type ResponseHead, valueOf } from '../../http-exchange.ts'
import { type Delivery, deliveryOf, isWhole, momentOf } from '../../response-delivery.ts'
import { awaitsContinue } from './effect.ts'
import { ReplaySocket } from './socket.ts'
import type { RequestTap } from './tap.ts'

interface Timed {
  /** Milliseconds of idleness. */
  readonly timeout?: number
}

/** Answers a request from a recording, through Node's own parser. */
export function answer(host: Host, agent: { readonly options: Timed }, tap: RequestTap, reply: Reply): void {
  const { request } = tap
  const socket = new ReplaySocket(host.realm, request.protocol === 'https:')
  const timeout = (request as Timed).timeout ?? agent.options.timeout
  if (timeout) socket.setTimeout(timeout)
  request.onSocket(socket as unknown as Parameters<typeof request.onSocket>[0])
  void nextTurn().then(() => {
    socket.connected()
    if (awaitsContinue(request) && !socket.destroyed) socket.arrive(CONTINUE)
  })
  void respond(tap, socket, reply)
}

async function respond(tap: RequestTap, socket: ReplaySocket, reply: Reply): Promise<void> {
  const answer = await reply.answer(await tap.complete)
  socket.connected()
  if (socket.destroyed || tap.request.destroyed) return
  const delivery = deliveryOf(answer.outcome, tap.request.method)
  tap.request.reusedSocket = delivery.reused
  for (const head of delivery.informational) if (head.status !== 100) socket.arrive(headBytes(head))
  if (delivery.head) {
    const framing = framingOf(tap.request.method, delivery.head)
    socket.arrive(headBytes(delivery.head))
    const whole = isWhole(delivery, answer)
    if (whole) void answer.end
    for (const arrival of delivery.arrivals) {
      // A body of known length ends with its last chunk; any other, with what follows it.
      const ends = framing === 'length' && !delivery.failure && arrival === delivery.arrivals.at(-1)
      if (!whole) await (ends ? answer.end : momentOf(arrival, answer))
      if (socket.destroyed) return
      socket.arrive(framing === 'chunked' ? chunked(arrival.chunks) : Buffer.concat(arrival.chunks))
    }
    if (!whole) await (delivery.aborted ? nextTurn() : answer.end)
    if (socket.destroyed) return
    if (!delivery.failure) return finish(socket, framing, delivery)
  }
  if (delivery.failure && !delivery.aborted) fail(socket, delivery.failure.error)
}

/** What the body waits for is said before the recording knows which answer it is. */
const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')

type Framing = 'none' | 'chunked' | 'length' | 'close'

function framingOf(method: string, head: ResponseHead): Framing {
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return 'none'
  if (/chunked/i.test(valueOf(head.headers, 'transfer-encoding') ?? '')) return 'chunked'
  return valueOf(head.headers, 'content-length') === undefined ? 'close' : 'length'
}

function headBytes(head: ResponseHead): Uint8Array {
  const lines = head.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.from(`HTTP/${head.httpVersion} ${head.status} ${head.statusText}\r\n${lines}\r\n`, 'latin1')
}

function chunked(chunks: readonly Uint8Array[]): Uint8Array {
  const end = Buffer.from('\r\n')
  const parts = chunks.flatMap(chunk => [Buffer.from(`${chunk.byteLength.toString(16)}\r\n`), chunk, end])
  return Buffer.concat(parts)
}

function finish(socket: ReplaySocket, framing: Framing, { trailers }: Delivery): void {
  if (framing === 'chunked') {
    const lines = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    socket.arrive(Buffer.from(`0\r\n${lines}\r\n`, 'latin1'))
  } else if (framing === 'close') socket.push(null)
}

/** Node makes its own error of a connection that ends too soon. */
function fail(socket: ReplaySocket, error: unknown): void {
  const { code, message } = error as NodeJS.ErrnoException
  const cut = code === 'ECONNRESET' && (message === 'aborted' || message === 'socket hang up')
  socket.destroy(cut ? undefined : error instanceof Error ? error : Object.assign(new Error(String(message)), error))
}
