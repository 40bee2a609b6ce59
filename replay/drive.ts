import http from 'node:http'
import {
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
  type Json,
  type Trigger,
} from 'flux-fixtures'
import { duplexPair } from './duplex-pair.ts'

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

const realRequest = http.request

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
  return await driveListener(trigger.request, requestListener(entry), frame)
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

/** A real server and a real client of Node's, joined in memory: their parsers see real bytes. */
async function driveListener(recorded: HttpRequest, listener: RequestListener, frame: Frame): Promise<Ending> {
  const server = http.createServer((request, response) => {
    runtime.frames.run(frame, () => {
      const { execution } = frame
      const sink: ExchangeSink = {
        elapsed: () => 0,
        held: () => {},
        head: status => {
          if (status >= 500) execution.markVisible()
        },
        closed: () => {},
      }
      observeExchange(request, response, sink, frame)
      installExpress(listener)
      hearErrors(request, execution)
      try {
        listener(request, response)
      } catch (error) {
        // In production this has left every stack of the program's; here the stack goes on to the client.
        process.nextTick(() => {
          within(frame, rethrow, undefined, [error])
        })
      }
    })
  })
  const [near, far] = duplexPair()
  server.emit('connection', far)
  const body = Buffer.concat(decodeBody(recorded.body as EncodedBody))
  try {
    return await runtime.frames.run({ ...frame, inside: true }, () => exchange(recorded, body, near))
  } finally {
    near.destroy()
    far.destroy()
  }
}

function rethrow(error: unknown): never {
  throw error
}

function exchange(recorded: HttpRequest, body: Buffer, socket: ReturnType<typeof duplexPair>[0]): Promise<Ending> {
  return new Promise(resolve => {
    const unanswered = (reason: string) => resolve({ kind: 'unanswered', reason })
    const request = realRequest(
      {
        method: recorded.method,
        path: recorded.url,
        headers: outgoing(recorded, body),
        setDefaultHeaders: false,
        createConnection: () => socket as never,
      } as http.RequestOptions,
      response => {
        const chunks: Buffer[] = []
        response.on('data', chunk => chunks.push(chunk))
        response.on('error', error => unanswered(error.message))
        response.on('end', () => {
          const headers = pairs(response.rawHeaders)
          const raw = chunks
          const type = response.headers['content-type']
          const encoding = response.headers['content-encoding']
          resolve({
            kind: 'responded',
            response: {
              status: response.statusCode ?? 0,
              headers,
              body: { raw, ...(type && { type }), ...(encoding && { encoding }) },
            },
          })
        })
      },
    )
    request.on('error', error => unanswered(error.message))
    request.end(body)
  })
}

/** The recorded headers; the length is that of the body as it is now. */
function outgoing(recorded: HttpRequest, body: Buffer): string[] {
  const headers: string[] = []
  let measured = false
  for (const [name, value] of recorded.headers) {
    const lower = name.toLowerCase()
    if (lower === 'content-length' || lower === 'transfer-encoding') {
      if (!measured) headers.push('content-length', String(body.length))
      measured = true
    } else if (lower !== 'expect') headers.push(name, value)
  }
  if (!measured && body.length > 0) headers.push('content-length', String(body.length))
  return headers
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const headers: [string, string][] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? ''])
  }
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
