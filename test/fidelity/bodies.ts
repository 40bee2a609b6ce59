/** What a client's own body can be told: early ends, failing sinks, parsers, time-outs of the client. */
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import axios from 'axios'
import * as undici from 'undici'
import type { Program } from './exchanges.ts'
import { describeBytes, type Trace } from './trace.ts'

type Body = undici.Dispatcher.ResponseData['body']
type Options = Omit<undici.Dispatcher.RequestOptions, 'origin' | 'path' | 'method'>

const failing = () => new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk is full')) })

const fetched =
  (path: string, use: (response: Response, trace: Trace) => Promise<unknown>): Program =>
  async (trace, { plain }) => {
    const response = await fetch(plain + path)
    trace.note('gave', await use(response, trace))
    trace.note('used', response.bodyUsed)
  }

const requested =
  (
    path: string,
    use: (body: Body, trace: Trace) => unknown,
    options: Options = {},
    server: 'plain' | 'secure' = 'plain',
  ): Program =>
  async (trace, world) => {
    const dispatcher = new undici.Agent({ connect: { rejectUnauthorized: false } })
    try {
      const { body } = await undici.request(world[server] + path, { dispatcher, ...options })
      body.on('close', () => trace.note('close'))
      trace.note('gave', await use(body, trace))
    } finally {
      await dispatcher.destroy()
    }
  }

/** Two requests over one connection that is kept. */
const kept =
  (path: string, between: number): Program =>
  async (trace, { plain }) => {
    const dispatcher = new undici.Agent({ connections: 1 })
    try {
      for (const time of [1, 2]) {
        const { body } = await undici.request(plain + path, { dispatcher })
        trace.note('gave', time, await body.text())
        await sleep(between)
      }
    } finally {
      await dispatcher.destroy()
    }
  }

async function first(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  for await (const chunk of body) return describeBytes([chunk])
}

export const BODIES: Readonly<Record<string, Program>> = {
  'fetch: text()': fetched('/events', response => response.text()),
  'fetch: json() of half a document': fetched('/half-json', response => response.json()),
  'fetch: json() of a body that breaks off': fetched('/reset-in-body', response => response.json()),
  'fetch: arrayBuffer() of a body that breaks off': fetched('/end-in-body', response => response.arrayBuffer()),
  'fetch: body.cancel()': fetched('/slow-body', async response => response.body?.cancel('enough')),
  'fetch: early break': fetched('/slow-body', response => first(response.body as unknown as AsyncIterable<Uint8Array>)),
  'fetch: reader.cancel()': fetched('/slow-body', async response => {
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const { value } = await reader.read()
    await reader.cancel()
    return [String(value), await reader.read()]
  }),
  'fetch: a clone that breaks off': fetched('/reset-in-body', async (response, trace) => {
    const copy = response.clone()
    const settled = await Promise.allSettled([response.text(), copy.text()])
    for (const result of settled) trace.fail('settled', result.status === 'rejected' ? result.reason : result.value)
  }),
  'fetch: pipeTo what fails': fetched('/slow-body', async response => {
    const sink = new WritableStream({ write: () => Promise.reject(new Error('the disk is full')) })
    await response.body?.pipeTo(sink as never)
  }),
  'fetch: a body read twice': fetched('/text', async response => [await response.text(), await response.text()]),
  'fetch: a redirect that is an error': (_trace, { plain }) => fetch(`${plain}/redirect`, { redirect: 'error' }),
  'fetch: a redirect by hand': async (trace, { plain }) => {
    const response = await fetch(`${plain}/redirect`, { redirect: 'manual' })
    trace.note('gave', response.status, response.type, response.headers.get('location'), await response.text())
  },
  'undici.request: json() of half a document': requested('/half-json', body => body.json()),
  'undici.request: text() of a body that breaks off': requested('/reset-in-body', body => body.text()),
  'undici.request: body.destroy()': requested('/slow-body', async (body, trace) => {
    body.on('error', error => trace.fail('body error', error))
    body.destroy()
    await new Promise(resolve => body.once('close', resolve))
  }),
  'undici.request: body.destroy(error)': requested('/slow-body', async (body, trace) => {
    body.on('error', error => trace.fail('body error', error))
    body.destroy(new RangeError('enough'))
    await new Promise(resolve => body.once('close', resolve))
  }),
  'undici.request: body.dump()': requested('/slow-body', body => body.dump()),
  'undici.request: early break': requested('/slow-body', first),
  'undici.request: a pipeline into what fails': requested('/slow-body', body => pipeline(body, failing())),
  'undici.request: headersTimeout': requested('/late', body => body.text(), { headersTimeout: 100 }),
  'undici.request: bodyTimeout': requested('/stalls', body => body.text(), { bodyTimeout: 400 }),
  'undici.request: a kept connection that breaks at its second request': kept('/once', 10),
  'undici.request: a kept connection that the server closed': kept('/kept-briefly', 150),
  'undici.request: events over TLS': requested('/events', body => body.text(), {}, 'secure'),
  'undici.request: a reset in the body over TLS': requested('/reset-in-body', body => body.text(), {}, 'secure'),
  'axios: timeout': async (_trace, { plain }) => axios.get(`${plain}/never`, { adapter: 'http', timeout: 200 }),
  'axios: timeout in the body': async (_trace, { plain }) =>
    axios.get(`${plain}/stalls`, { adapter: 'http', timeout: 400 }),
  'axios: too large an answer': async (_trace, { plain }) =>
    axios.get(`${plain}/json`, { adapter: 'http', maxContentLength: 100 }),
  'axios: no redirects': async (_trace, { plain }) =>
    axios.get(`${plain}/redirect`, { adapter: 'http', maxRedirects: 0 }),
}
