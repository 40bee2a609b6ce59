/** The clients that programs use, each behind one call that notes all it sees. */
import http, { type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import { type Readable, Writable } from 'node:stream'
import axios from 'axios'
import * as undici from 'undici'
import { describeBytes, describeHeaders, type Trace } from './trace.ts'

export interface Ask {
  readonly url: string
  readonly method?: string
  readonly body?: string
  readonly signal?: AbortSignal
  /** Called at each chunk of the response. */
  readonly onChunk?: () => unknown
}

/** Asks, reads the whole answer, and notes it; throws what the client throws. */
export type Client = (trace: Trace, ask: Ask) => Promise<void>

type Fetch = (url: string, init: RequestInit) => Promise<Response>

function fetching(fetch: Fetch, more: object = {}): Client {
  return async (trace, { url, method = 'GET', body, signal, onChunk }) => {
    const response = await fetch(url, { method, ...(body && { body }), ...(signal && { signal }), ...more })
    const { status, statusText, redirected, type } = response
    trace.note('response', {
      status,
      statusText,
      redirected,
      type,
      url: response.url,
      headers: describeHeaders(response.headers),
    })
    const chunks: Uint8Array[] = []
    try {
      for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        chunks.push(chunk)
        await onChunk?.()
      }
    } finally {
      trace.note('body', describeBytes(chunks), response.bodyUsed)
    }
  }
}

async function readAll(trace: Trace, stream: Readable, onChunk?: () => unknown, encoding?: unknown): Promise<void> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of stream) {
      chunks.push(chunk)
      await onChunk?.()
    }
  } finally {
    trace.note('body', describeBytes(chunks, encoding))
  }
}

/** An agent of its own for each request, so that no two scenarios share a connection. */
async function withAgent<T>(use: (dispatcher: undici.Agent) => Promise<T>): Promise<T> {
  const agent = new undici.Agent()
  try {
    return await use(agent)
  } finally {
    await agent.destroy()
  }
}

const viaUndiciFetch: Client = (trace, ask) =>
  withAgent(dispatcher => fetching(undici.fetch as unknown as Fetch, { dispatcher })(trace, ask))

const viaRequest: Client = (trace, { url, method = 'GET', body, signal, onChunk }) =>
  withAgent(async dispatcher => {
    const options = { dispatcher, method, ...(body && { body }), ...(signal && { signal }) } as { method: 'GET' }
    const response = await undici.request(url, options)
    const { statusCode, headers } = response
    trace.note('response', { statusCode, headers: describeHeaders(Object.entries(headers)) })
    try {
      await readAll(trace, response.body, onChunk, headers['content-encoding'])
    } finally {
      trace.note('trailers', { ...response.trailers })
    }
  })

const viaStream: Client = (trace, { url, method = 'GET', body, signal, onChunk }) =>
  withAgent(async dispatcher => {
    const chunks: Uint8Array[] = []
    let encoding: unknown
    const options = { dispatcher, method, ...(body && { body }), ...(signal && { signal }) } as { method: 'GET' }
    try {
      await undici.stream(url, options, ({ statusCode, headers }) => {
        encoding = headers['content-encoding']
        trace.note('response', { statusCode, headers: describeHeaders(Object.entries(headers)) })
        return new Writable({
          write(chunk, _encoding, done) {
            chunks.push(chunk)
            void Promise.resolve(onChunk?.()).then(() => done(), done)
          },
        })
      })
    } finally {
      trace.note('body', describeBytes(chunks, encoding))
    }
  })

/**
 * Notes every event of a request. Whether one that was never answered had left the process is told by its answer only: its
 * `finish` is not noted, since a replay has it, and production where there was a connection.
 */
export function watchRequest(trace: Trace, request: http.ClientRequest): void {
  for (const event of ['timeout', 'abort', 'close', 'continue'] as const) {
    request.on(event, () => trace.note(`request ${event}`))
  }
  let answered = false
  request.on('response', () => {
    answered = true
  })
  request.on('finish', () => {
    const forget = trace.note('request finish')
    request.on('close', () => {
      if (!answered) forget()
    })
  })
  request.on('information', ({ statusCode, rawHeaders }) => trace.note('information', statusCode, rawHeaders))
  request.on('error', error => trace.fail('request error', error))
}

/** Notes every event of a response. */
export function watchResponse(trace: Trace, response: IncomingMessage): void {
  const { statusCode, statusMessage, httpVersion, rawHeaders } = response
  const headers = describeHeaders(rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1]]] : [])))
  trace.note('response', { statusCode, statusMessage, httpVersion, headers })
  for (const event of ['aborted', 'end', 'close'] as const) response.on(event, () => trace.note(`response ${event}`))
  response.on('error', error => trace.fail('response error', error))
}

/** Sends with `node:http` or `node:https`. */
export function send(url: string, options: RequestOptions = {}): http.ClientRequest {
  return url.startsWith('https') ? https.request(url, options) : http.request(url, options)
}

/** Resolves when a request has closed, and its response, if there was one. */
export function closed(request: http.ClientRequest): Promise<void> {
  return new Promise(resolve => {
    let open = 1
    const close = () => {
      if (--open === 0) resolve()
    }
    request.on('response', response => {
      open++
      response.on('close', close)
    })
    request.on('close', close)
  })
}

const viaHttp: Client = async (trace, { url, method = 'GET', body, signal, onChunk }) => {
  const request = send(url, { method, agent: false, ...(signal && { signal }) })
  const over = closed(request)
  watchRequest(trace, request)
  let chunks: Uint8Array[] | undefined
  let encoding: unknown
  request.on('response', response => {
    const received: Uint8Array[] = []
    chunks = received
    encoding = response.headers['content-encoding']
    watchResponse(trace, response)
    response.on('data', chunk => {
      received.push(chunk)
      void onChunk?.()
    })
    response.on('end', () => trace.note('trailers', response.rawTrailers, response.complete))
  })
  request.end(body)
  await over
  if (chunks) trace.note('body', describeBytes(chunks, encoding))
  trace.note('after', request.destroyed, request.aborted, request.reusedSocket, request.writableFinished)
}

const viaAxios =
  (responseType: 'text' | 'stream'): Client =>
  async (trace, { url, method = 'GET', body, signal, onChunk }) => {
    const more = { ...(body && { data: body }), ...(signal && { signal }) }
    const { status, statusText, headers, data } = await axios
      .request({ url, method, responseType, adapter: 'http', timeout: 0, ...more })
      .catch(error => {
        const { response } = error
        if (response) trace.note('refused', response.status, responseType === 'text' && response.data)
        throw error
      })
    trace.note('response', { status, statusText, headers: describeHeaders(Object.entries(headers)) })
    if (responseType === 'stream') await readAll(trace, data, onChunk)
    else trace.note('data', data)
  }

export const CLIENTS: Readonly<Record<string, Client>> = {
  fetch: fetching((url, init) => fetch(url, init)),
  'undici.fetch': viaUndiciFetch,
  'undici.request': viaRequest,
  'undici.stream': viaStream,
  http: viaHttp,
  axios: viaAxios('text'),
  'axios, a stream': viaAxios('stream'),
}
