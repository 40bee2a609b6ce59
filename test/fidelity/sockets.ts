/** What only `node:http` can be told: its timeouts, its ways to give up, its agents. */
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { closed, send, watchRequest, watchResponse } from './clients.ts'
import type { Program } from './exchanges.ts'
import { describeBytes, type Trace } from './trace.ts'

interface Steps {
  readonly options?: RequestOptions
  readonly onRequest?: (request: ClientRequest) => unknown
  readonly onResponse?: (response: IncomingMessage) => unknown
  /** No answer tells whether the connection was kept from an earlier request. */
  readonly givesUp?: true
  readonly onData?: (chunk: Buffer, response: IncomingMessage) => unknown
}

async function exchange(trace: Trace, url: string, steps: Steps = {}): Promise<void> {
  const request = send(url, { agent: false, ...steps.options })
  const over = closed(request)
  watchRequest(trace, request)
  request.on('response', response => {
    watchResponse(trace, response)
    if (steps.onResponse) return void steps.onResponse(response)
    response.on('data', chunk => {
      trace.note('data', describeBytes([chunk]))
      steps.onData?.(chunk, response)
    })
  })
  steps.onRequest?.(request)
  request.end()
  await over
  trace.note('after', request.destroyed, request.aborted, steps.givesUp ? 'given up' : request.reusedSocket)
}

const to =
  (path: string, steps: Steps): Program =>
  (trace, { plain }) =>
    exchange(trace, plain + path, steps)

const overTls =
  (path: string, steps: Steps = {}): Program =>
  (trace, { secure }) => {
    const options = { ...steps.options, rejectUnauthorized: false } as RequestOptions
    return exchange(trace, secure + path, { ...steps, options })
  }

const slow = Object.assign(new Error('too slow'), { code: 'ESLOW', attempts: 1 })
const failing = () => new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk is full')) })

/** Two requests over one connection that is kept. */
async function twice(
  trace: Trace,
  plain: string,
  first: string,
  between: number,
  second: string,
  steps: Steps = {},
): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  try {
    await exchange(trace, plain + first, { options: { agent } })
    if (between > 0) await sleep(between)
    await exchange(trace, plain + second, { ...steps, options: { agent, ...steps.options } })
  } finally {
    agent.destroy()
  }
}

export const SOCKETS: Readonly<Record<string, Program>> = {
  'request.destroy() at once': to('/never', { onRequest: request => request.destroy() }),
  'request.destroy(error) at once': to('/never', { onRequest: request => request.destroy(slow) }),
  'request.abort() at once': to('/never', { onRequest: request => request.abort() }),
  'request.destroy() before the head': to('/never', { onRequest: request => setTimeout(() => request.destroy(), 150) }),
  'request.destroy(error) before the head': to('/never', {
    onRequest: request => setTimeout(() => request.destroy(slow), 150),
  }),
  'request.abort() before the head': to('/never', { onRequest: request => setTimeout(() => request.abort(), 150) }),
  'timeout, and nothing done about it': to('/late', { options: { timeout: 250 } }),
  'timeout that is not reached': to('/late', { options: { timeout: 5_000 } }),
  'timeout and destroy()': to('/never', {
    options: { timeout: 200 },
    onRequest: request => request.on('timeout', () => request.destroy()),
  }),
  'timeout and destroy(error)': to('/never', {
    options: { timeout: 200 },
    onRequest: request => request.on('timeout', () => request.destroy(slow)),
  }),
  'timeout in the body and destroy(error)': to('/stalls', {
    options: { timeout: 400 },
    onRequest: request => request.on('timeout', () => request.destroy(slow)),
  }),
  'timeout of the agent': async (trace, { plain }) => {
    const agent = new http.Agent({ timeout: 200 })
    await exchange(trace, `${plain}/never`, {
      options: { agent },
      onRequest: request => request.on('timeout', () => request.destroy(slow)),
    })
  },
  'request.setTimeout and destroy(error)': to('/never', {
    onRequest: request => request.setTimeout(200, () => request.destroy(slow)),
  }),
  'request.setTimeout between chunks': to('/slow-body', { onRequest: request => request.setTimeout(120) }),
  'socket.setTimeout': to('/never', {
    onRequest: request => request.on('socket', socket => socket.setTimeout(200, () => socket.destroy(slow))),
  }),
  'response.setTimeout': to('/stalls', {
    onResponse: response => {
      response.resume()
      response.setTimeout(400, () => response.destroy(slow))
    },
  }),
  'response.destroy()': to('/slow-body', { onData: (_chunk, response) => response.destroy() }),
  'response.destroy(error)': to('/slow-body', { onData: (_chunk, response) => response.destroy(slow) }),
  'response.destroy() before the body': to('/slow-body', { onResponse: response => response.destroy() }),
  'request.destroy(error) in the body': to('/slow-body', {
    onRequest: request => request.on('response', response => response.once('data', () => request.destroy(slow))),
  }),
  'early break': to('/slow-body', {
    onResponse: async response => {
      for await (const _chunk of response) break
    },
  }),
  'a pipeline into what fails': async (trace, { plain }) => {
    await exchange(trace, `${plain}/slow-body`, {
      onResponse: response => pipeline(response, failing()).catch(error => trace.fail('pipeline', error)),
    })
  },
  'a pipeline of an answer that breaks off': async (trace, { plain }) => {
    const chunks: Buffer[] = []
    const sink = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(chunk)
        done()
      },
    })
    await exchange(trace, `${plain}/reset-in-body`, {
      onResponse: response => pipeline(response, sink).catch(error => trace.fail('pipeline', error)),
    })
    trace.note('sunk', describeBytes(chunks))
  },
  'https: events': overTls('/events'),
  'https: a reset in the body': overTls('/reset-in-body'),
  'https: an end in the body': overTls('/end-in-body'),
  'https: timeout and destroy(error)': overTls('/never', {
    options: { timeout: 400 },
    onRequest: request => request.on('timeout', () => request.destroy(slow)),
  }),
  'a listener that throws': to('/text', {
    onResponse: response => {
      response.resume()
      response.on('close', () => {
        throw new TypeError('thrown in a listener')
      })
    },
  }),
  'an error that nobody listens to': async (_trace, { plain }) => {
    const request = send(`${plain}/reset-at-once`, { agent: false })
    request.end()
    await closed(request)
  },
  '100-continue': async (trace, { plain }) => {
    await exchange(trace, `${plain}/echo`, {
      options: { method: 'POST', headers: { expect: '100-continue', 'content-length': 4 } },
      onRequest: request => {
        const { end } = request
        request.end = (() => request) as typeof request.end
        request.flushHeaders()
        request.once('continue', () => {
          request.end = end
          request.end('body')
        })
      },
    })
  },
  'a kept connection': (trace, { plain }) => twice(trace, plain, '/kept', 0, '/kept'),
  'a kept connection that breaks at its second request': (trace, { plain }) =>
    twice(trace, plain, '/once', 10, '/once'),
  'a kept connection that the server closed': (trace, { plain }) => twice(trace, plain, '/kept-briefly', 80, '/kept'),
  'a kept connection, timeout and destroy(error)': (trace, { plain }) =>
    twice(trace, plain, '/stalls-when-kept', 10, '/stalls-when-kept', {
      givesUp: true,
      options: { timeout: 200 },
      onRequest: request => request.on('timeout', () => request.destroy(slow)),
    }),
  'a kept connection, timeout and destroy()': (trace, { plain }) =>
    twice(trace, plain, '/stalls-when-kept', 10, '/stalls-when-kept', {
      givesUp: true,
      options: { timeout: 200 },
      onRequest: request => request.on('timeout', () => request.destroy()),
    }),
  'a kept connection, request.destroy(error) at once': (trace, { plain }) =>
    twice(trace, plain, '/stalls-when-kept', 10, '/stalls-when-kept', {
      givesUp: true,
      onRequest: request => request.destroy(slow),
    }),
  'a kept connection, timeout of the agent and destroy(error)': (trace, { plain }) =>
    twice(trace, plain, '/stalls-when-kept', 10, '/stalls-when-kept', {
      givesUp: true,
      options: { agent: new http.Agent({ keepAlive: true, timeout: 200 }) },
      onRequest: request => request.on('timeout', () => request.destroy(slow)),
    }),
}
