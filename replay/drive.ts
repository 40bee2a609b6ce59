import http from 'node:http'
import {
  type Exchange,
  type ExchangeSink,
  type Frame,
  hearErrors,
  installExpress,
  observeExchange,
  runtime,
  within,
} from 'flux-capture/internal'
import {
  decode,
  decodeBody,
  type EncodedBody,
  type Ending,
  FluxError,
  type HttpRequest,
  type HttpResponse,
  type Json,
  type RawBody,
  type Trigger,
} from 'flux-fixtures'
import { Connection } from './connection.ts'

/** A Node request listener: an Express, Koa or Connect app, or a plain function. */
export type RequestListener = (request: http.IncomingMessage, response: http.ServerResponse) => unknown
/** A handler in the style of the Fetch standard. */
export type FetchHandler = (request: Request) => Response | Promise<Response>
/** What a replay can call: a request listener, an `http.Server`, a fetch handler or a wrapped function. */
export type ReplayEntry =
  | RequestListener
  | FetchHandler
  | http.Server
  | { readonly fetch: FetchHandler }
  | ((...args: never[]) => unknown)

const realServer = http.createServer

/** Starts the program at its entry with what was recorded, and hears how it ends. */
export async function drive(
  trigger: Trigger,
  entry: ReplayEntry,
  frame: Frame,
  realm: typeof globalThis,
): Promise<Ending> {
  if (trigger.kind === 'call') return await driveCall(trigger.args as Json, entry, frame, realm)
  const handler = fetchHandler(entry)
  if (handler) return await driveFetch(trigger.request, handler, frame, realm)
  return await driveListener(trigger.request, entry, frame, realm)
}

async function driveCall(args: Json, entry: ReplayEntry, frame: Frame, realm: typeof globalThis): Promise<Ending> {
  if (typeof entry !== 'function') throw notAnEntry('The recording is of a function call')
  const values = decode(args, realm as unknown as Parameters<typeof decode>[1]) as never[]
  try {
    const value = await runtime.frames.run(frame, () => (entry as (...args: never[]) => unknown)(...values))
    return { kind: 'returned', value }
  } catch (error) {
    return { kind: 'threw', error }
  }
}

function fetchHandler(entry: ReplayEntry): FetchHandler | undefined {
  if (typeof entry === 'object' && 'fetch' in entry && typeof entry.fetch === 'function') {
    return request => entry.fetch(request)
  }
  if (typeof entry !== 'function' || 'handle' in entry || entry.length >= 2) return undefined
  return entry as FetchHandler
}

function requestListener(entry: ReplayEntry): RequestListener {
  if (entry instanceof http.Server) {
    const listener = entry.listeners('request')[0]
    if (listener) return listener as RequestListener
  }
  if (typeof entry === 'function') return entry as RequestListener
  throw notAnEntry('The recording is of an HTTP request')
}

function notAnEntry(what: string): FluxError {
  return new FluxError('FLUX_ENTRY_EXPORT', `${what}, and the entry given to replay() cannot be called for it.`)
}

interface Visit {
  readonly listener: RequestListener
  readonly frame: Frame
  readonly ended: (ending: Ending) => void
}

/** Node's own server, and who stands behind a connection. Nothing of a request stays with it. */
const visits = new WeakMap<object, Visit>()
let server: http.Server | undefined

function serverOfNode(): http.Server {
  server ??= realServer({ requireHostHeader: false }, (request, response) => {
    const visit = visits.get(request.socket)
    if (visit) runtime.frames.run(visit.frame, () => serve(visit, request, response))
  })
  return server
}

/** The request goes through Node's parser as bytes; the response is seen where capture sees it. */
function driveListener(
  recorded: HttpRequest,
  entry: ReplayEntry,
  frame: Frame,
  realm: typeof globalThis,
): Promise<Ending> {
  const listener = requestListener(entry)
  const sent = bytesOf(recorded, Buffer.concat(decodeBody(recorded.body as EncodedBody)))
  const connection = new Connection(sent, realm)
  return new Promise<Ending>(resolve => {
    const ended = (ending: Ending) => {
      resolve(ending)
      connection.destroy()
    }
    visits.set(connection, { listener, frame, ended })
    connection.once('close', () => ended(UNANSWERED))
    runtime.frames.run({ ...frame, inside: true }, () => {
      serverOfNode().emit('connection', connection)
      if (entry instanceof http.Server) connection.belongTo(entry)
    })
  })
}

const UNANSWERED: Ending = { kind: 'unanswered', reason: 'the connection was closed before an answer' }

function serve(visit: Visit, request: http.IncomingMessage, response: http.ServerResponse): void {
  const { listener, frame, ended } = visit
  const { execution } = frame
  const sink: ExchangeSink = {
    elapsed: () => 0,
    held: () => {},
    head: status => {
      if (status >= 500) execution.markVisible()
    },
    closed: answered => {
      if (answered) return ended({ kind: 'responded', response: responseOf(exchange) })
      if (exchange.destroyedBy !== undefined) execution.hear(exchange.destroyedBy)
      ended(UNANSWERED)
    },
  }
  const exchange = observeExchange(request, response, sink, frame)
  installExpress(listener)
  hearErrors(request, execution)
  try {
    listener(request, response)
  } catch (error) {
    // In production this has left every stack of the program's; here the stack goes on to the connection.
    process.nextTick(() => {
      within(frame, rethrow, undefined, [error])
    })
  }
}

function rethrow(error: unknown): never {
  throw error
}

/** When a chunk was written says nothing here. */
function responseOf(exchange: Exchange): HttpResponse {
  const response = exchange.response()
  const { at: _at, ...body } = response.body as RawBody
  return { ...response, body }
}

/** The request on the wire: the recorded headers; the length is that of the body as it is now. */
function bytesOf(recorded: HttpRequest, body: Buffer): Buffer {
  const { method, url } = recorded
  http.validateHeaderName(method)
  // Node's client refuses the same in a path.
  if (/[^\u0021-\u00ff]/.test(url)) throw new FluxError('FLUX_FIXTURE_CORRUPT', 'The recorded URL cannot be requested.')
  let head = `${method} ${url} HTTP/1.1\r\n`
  for (const [name, value] of outgoing(recorded, body)) {
    http.validateHeaderName(name)
    http.validateHeaderValue(name, value)
    head += `${name}: ${value}\r\n`
  }
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), body])
}

function outgoing(recorded: HttpRequest, body: Buffer): [string, string][] {
  const headers: [string, string][] = []
  let measured = false
  for (const [name, value] of recorded.headers) {
    const lower = name.toLowerCase()
    if (lower === 'content-length' || lower === 'transfer-encoding') {
      if (!measured) headers.push(['content-length', String(body.length)])
      measured = true
    } else if (lower !== 'expect') headers.push([name, value])
  }
  if (!measured && body.length > 0) headers.push(['content-length', String(body.length)])
  return headers
}

async function driveFetch(
  recorded: HttpRequest,
  handler: FetchHandler,
  frame: Frame,
  realm: typeof globalThis,
): Promise<Ending> {
  const host = recorded.headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? 'localhost'
  const body = Buffer.concat(decodeBody(recorded.body as EncodedBody))
  const request = new realm.Request(new URL(recorded.url, `http://${host}`), {
    method: recorded.method,
    headers: recorded.headers.filter(([name]) => name.toLowerCase() !== 'transfer-encoding') as [string, string][],
    ...(body.length > 0 && { body }),
  })
  try {
    const response = await runtime.frames.run(frame, async () => await handler(request))
    const bytes = Buffer.from(await response.arrayBuffer())
    const type = response.headers.get('content-type')
    return {
      kind: 'responded',
      response: {
        status: response.status,
        headers: [...response.headers],
        body: { raw: bytes.length > 0 ? [bytes] : [], ...(type && { type }) },
      },
    }
  } catch (error) {
    return { kind: 'threw', error }
  }
}
