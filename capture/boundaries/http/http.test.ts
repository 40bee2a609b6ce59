import { once } from 'node:events'
import http, { get, type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import axios from 'axios'
import { Execution, install, runtime } from 'flux-capture/internal'
import { afterAll, describe, expect, test } from 'vitest'
import { type Scenario, testBoundary } from '../../../test/boundary.ts'
import { pskOfClient, startHttp, startHttps, TLS } from '../../../test/http-server.ts'

interface Seen {
  status: number | undefined
  message: string | undefined
  headers: string[]
  chunks: string[]
  trailers: string[]
  complete: boolean
  error?: string
}

/** All that a program can see of a response. */
async function read(response: IncomingMessage): Promise<Seen> {
  const chunks: string[] = []
  let error: string | undefined
  response.on('data', (chunk: Buffer) => chunks.push(chunk.toString('latin1')))
  try {
    await once(response, 'end')
  } catch (thrown) {
    error = describeError(thrown)
  }
  return {
    status: response.statusCode,
    message: response.statusMessage,
    headers: response.rawHeaders,
    chunks,
    trailers: response.rawTrailers,
    complete: response.complete,
    ...(error !== undefined && { error }),
  }
}

function describeError(error: unknown): string {
  const { constructor, message, code } = error as NodeJS.ErrnoException
  const isDivergence = code === 'FLUX_DIVERGED'
  if (isDivergence) throw error
  return `${constructor.name} ${code} ${message}`
}

async function send(url: string, options: RequestOptions = {}, body: readonly (string | Buffer)[] = []): Promise<Seen> {
  const request = url.startsWith('https') ? https.request(url, options) : http.request(url, options)
  for (const chunk of body) request.write(chunk)
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return read(response)
}

async function failing(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    return describeError(error)
  }
}

type Run = (url: string) => Promise<unknown>

function scenario(name: string, entries: number, run: Run, more: Partial<Scenario<string>> = {}): Scenario<string> {
  return { name, entries, open: url => url, run, ...more }
}

const scenarios: Scenario<string>[] = [
  scenario('headers, repeated ones too', 1, url => send(`${url}/text`)),
  scenario(
    'a named import with a callback',
    1,
    url => new Promise((resolve, reject) => get(`${url}/text`, r => resolve(read(r))).on('error', reject)),
  ),
  scenario('a body in several writes', 1, url =>
    send(`${url}/echo?q=1`, { method: 'POST' }, ['{"a":', Buffer.from('1}')]),
  ),
  scenario(
    'a body that answers to a stream',
    1,
    async url => {
      const request = http.request(`${url}/echo`, { method: 'PUT', headers: { 'Content-Type': 'text/plain' } })
      const answered = once(request, 'response') as Promise<[IncomingMessage]>
      await pipeline(async function* () {
        yield 'one,'
        yield 'two'
      }, request)
      return read((await answered)[0])
    },
    {
      check: ([entry]) =>
        expect(entry?.effect).toMatchObject({
          target: expect.stringMatching(/^PUT http:\/\/127.0.0.1:\d+\/echo$/),
          request: { body: { type: 'text/plain' } },
          detail: { headers: expect.arrayContaining([['Content-Type', 'text/plain']]) },
          write: true,
        }),
    },
  ),
  scenario('gzip, piped', 1, async url => {
    const [response] = (await once(http.get(`${url}/gzip`), 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of response.pipe(createGunzip())) chunks.push(chunk)
    return JSON.parse(Buffer.concat(chunks).toString())
  }),
  scenario('events, as they come', 1, url => send(`${url}/events`), {
    check: ([entry]) => {
      const { body } = (entry?.outcome as { value: { body: { raw: unknown[]; at: number[] } } }).value
      expect(body.raw).toHaveLength(3)
      expect(body.at[2]).toBeGreaterThan(body.at[0] ?? Number.NaN)
      expect(entry?.end).toBeGreaterThan(entry?.completion ?? Number.NaN)
    },
  }),
  scenario('trailers', 1, url => send(`${url}/trailers`)),
  scenario('HEAD, 204, 404, 503', 4, async url => [
    await send(`${url}/text`, { method: 'HEAD' }),
    await send(`${url}/empty`),
    await send(`${url}/nowhere`),
    await send(`${url}/fails`),
  ]),
  scenario('a big body', 1, async url => (await send(`${url}/big`)).chunks.join('').length),
  scenario('a response that nobody reads', 2, async url => {
    const request = http.get(`${url}/text`)
    await once(request, 'close')
    return send(`${url}/text?then`)
  }),
  scenario('a body that breaks off', 1, url => send(`${url}/cut`)),
  scenario('a reset before the response', 1, url => failing(send(`${url}/reset`))),
  scenario('a refused connection', 1, () => failing(send('http://127.0.0.1:1/', { method: 'POST' }, ['x'])), {
    check: ([entry]) => expect(entry?.bytesSent).toBe(false),
  }),
  scenario(
    'an abort before the response',
    1,
    url => failing(send(`${url}/never`, { signal: AbortSignal.timeout(30) })),
    {
      check: ([entry]) => expect(entry?.outcome).toMatchObject({ status: 'failed', value: { aborted: true } }),
    },
  ),
  scenario('a timeout', 1, async url => {
    const request = http.get(`${url}/never`, { timeout: 30 })
    request.on('timeout', () => request.destroy(new Error('too slow')))
    return failing(once(request, 'response'))
  }),
  scenario('a response given up halfway', 1, async url => {
    const [response] = (await once(http.get(`${url}/events`), 'response')) as [IncomingMessage]
    for await (const chunk of response) return String(chunk)
  }),
  {
    name: 'a keep-alive agent shared by executions',
    executions: 3,
    entries: 2,
    open: (url: string) => ({ url, agent: new http.Agent({ keepAlive: true, maxSockets: 1 }) }),
    async run({ url, agent }: { url: string; agent: http.Agent }, execution: number) {
      const echo = await send(`${url}/echo`, { agent, method: 'POST' }, [`execution ${execution}`])
      return [echo, await send(`${url}/text?after=${execution}`, { agent })]
    },
    close: ({ agent }: { agent: http.Agent }) => agent.destroy(),
  } as unknown as Scenario<string>,
  scenario('axios: JSON, redirect, failure', 4, async url => {
    const client = axios.create({ baseURL: url, adapter: 'http' })
    const sent = await client.post('/echo', { sku: 'a', quantity: 2 })
    const moved = await client.get('/redirect')
    const failed = await client.get('/fails').catch((error: { code?: string; response?: { data: unknown } }) => {
      if (!error.response) throw error
      return { data: [error.code, error.response.data] }
    })
    return [sent.data, moved.data, failed.data]
  }),
]

const server = await startHttp()
afterAll(() => server.stop())

describe('http', () => {
  testBoundary({
    boundary: 'http',
    start: async () => ({ url: server.url, stop: async () => {} }),
    unreachable: server.url,
    targets: [http.Agent.prototype],
    scenarios,
  })
})

const secure = await startHttps()
afterAll(() => secure.stop())

describe('https', () => {
  const options = { ...TLS, pskCallback: pskOfClient } as RequestOptions
  testBoundary({
    boundary: 'http',
    start: async () => ({ url: secure.url, stop: async () => {} }),
    unreachable: secure.url,
    targets: [http.Agent.prototype],
    scenarios: [
      scenario('a request over TLS', 1, url => send(`${url}/echo`, { ...options, method: 'POST' }, ['secret'])),
      scenario('events over TLS', 1, url => send(`${url}/events`, options)),
    ],
  })
})

describe('what follows a response', () => {
  test('is asked by the execution that asked, over a socket of another', async () => {
    const installation = install(undefined, undefined)
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const limits = { effects: 100, instants: 100, logs: 100, bytes: 1e6 }
    const executions = [0, 1, 2].map(index => new Execution(`e${index}`, { limits }))
    try {
      await Promise.all(
        executions.map((execution, index) =>
          runtime.frames.run({ execution, path: '', children: 0, inside: false }, async () => {
            await new Promise<void>((resolve, reject) => {
              const first = http.get(`${server.url}/text?first=${index}`, { agent }, response => {
                response.resume().on('end', () => {
                  const next = http.get(`${server.url}/text?next=${index}`, { agent }, r =>
                    r.resume().on('end', resolve),
                  )
                  next.on('error', reject)
                })
              })
              first.on('error', reject)
            })
          }),
        ),
      )
      for (const [index, execution] of executions.entries()) {
        const urls = execution.entries().map(({ effect }) => (effect.request as { url: string }).url.split('?')[1])
        expect(urls).toEqual([`first=${index}`, `next=${index}`])
      }
    } finally {
      installation.uninstall()
      agent.destroy()
    }
  })
})
