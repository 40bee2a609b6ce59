import { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type * as Undici from 'undici'
import { afterAll, describe, expect } from 'vitest'
import { type Scenario, testBoundary } from '../../../test/boundary.ts'
import { startHttp } from '../../../test/http-server.ts'

type Run = (url: string) => Promise<unknown>
type Fetch = (url: string, init?: RequestInit) => Promise<Response>

function scenario(name: string, entries: number, run: Run, more: Partial<Scenario<string>> = {}): Scenario<string> {
  return { name, entries, open: url => url, run, ...more }
}

function headersOf(response: Response): [string, string][] {
  return [...response.headers]
}

async function failing(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    const { name, message, cause } = error as Error & { code?: string }
    const { code } = (cause ?? error) as { code?: string }
    if (code === 'FLUX_DIVERGED') throw error
    return [name, message, code, (cause as Error | undefined)?.message]
  }
}

/** An agent connects anew after an abort, some turns later: on a busy machine no pause is long enough for sure. */
async function settle<T>(value: T): Promise<T> {
  await sleep(20)
  for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve))
  return value
}

/** undici cancels a body that is collected unread, and connects anew, in whatever test that happens. */
const unread: Response[] = []

async function whole(response: Response): Promise<unknown> {
  const { status, statusText, redirected, url } = response
  return { status, statusText, redirected, url, headers: headersOf(response), text: await response.text() }
}

function fetching(fetch: Fetch): Scenario<string>[] {
  return [
    scenario('GET with repeated headers', 1, async url => whole(await fetch(`${url}/text`))),
    scenario('POST of text, bytes and JSON', 3, async url => {
      const send = async (body: string | Uint8Array<ArrayBuffer>) =>
        whole(await fetch(`${url}/echo?q=1`, { method: 'POST', body }))
      return [await send('text'), await send(new Uint8Array([1, 2, 3])), await send(JSON.stringify({ a: 1 }))]
    }),
    scenario('POST of a stream', 1, async url => {
      const body = ReadableStream.from([Buffer.from('one,'), Buffer.from('two')]) as never
      return whole(await fetch(`${url}/echo`, { method: 'POST', body, duplex: 'half' } as RequestInit))
    }),
    scenario('gzip', 1, async url => (await fetch(`${url}/gzip`)).json()),
    scenario('events, as they come', 1, async url => {
      const response = await fetch(`${url}/events`)
      const chunks: string[] = []
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) chunks.push(String(chunk))
      return chunks
    }),
    scenario('HEAD, 204, 404, 503', 4, async url => [
      await whole(await fetch(`${url}/text`, { method: 'HEAD' })),
      await whole(await fetch(`${url}/empty`)),
      await whole(await fetch(`${url}/nowhere`)),
      await whole(await fetch(`${url}/fails`)),
    ]),
    scenario('a redirect is two requests', 2, async url => whole(await fetch(`${url}/redirect`))),
    scenario('a body that nobody reads', 1, async url => {
      const response = await fetch(`${url}/events`)
      unread.push(response)
      return response.status
    }),
    scenario('a big body', 1, async url => (await (await fetch(`${url}/big`)).text()).length),
    scenario('a body that breaks off', 1, async url => failing((await fetch(`${url}/cut`)).text())),
    scenario('a reset before the response', 1, url => failing(fetch(`${url}/reset`))),
    scenario(
      'a refused connection',
      1,
      () => failing(fetch('http://127.0.0.1:65000/', { method: 'POST', body: 'x' })),
      {
        check: ([entry]) => expect(entry?.bytesSent).toBe(false),
      },
    ),
    scenario('an abort before the response', 1, async url => {
      const failure = await failing(fetch(`${url}/never`, { signal: AbortSignal.timeout(30) }))
      return settle(failure)
    }),
    scenario('a response given up halfway', 1, async url => {
      const abort = new AbortController()
      const response = await fetch(`${url}/events`, { signal: abort.signal })
      setTimeout(() => abort.abort(), 5)
      return settle(await failing(response.text()))
    }),
    scenario('four at once', 4, async url => {
      const paths = ['/text', '/echo', '/gzip', '/events']
      return Promise.all(paths.map(async path => (await fetch(url + path)).text()))
    }),
  ]
}

function packaged(library: typeof Undici): Scenario<string>[] {
  const own = (name: string, entries: number, run: (url: string, agent: Undici.Agent) => Promise<unknown>) =>
    ({
      name,
      entries,
      open: (url: string) => ({ url, agent: new library.Agent() }),
      run: ({ url, agent }: { url: string; agent: Undici.Agent }) => run(url, agent),
      close: ({ agent }: { agent: Undici.Agent }) => agent.close(),
    }) as unknown as Scenario<string>
  return [
    own('request with an agent of its own', 2, async (url, dispatcher) => {
      const sent = await library.request(`${url}/echo`, { dispatcher, method: 'POST', body: 'x', query: { a: '1' } })
      const { statusCode, headers, trailers, body } = await library.request(`${url}/trailers`, { dispatcher })
      const text = await body.text()
      return [await sent.body.text(), statusCode, headers, text, trailers]
    }),
    own('streamed bodies', 3, async (url, dispatcher) => {
      const send = async (body: Readable | AsyncIterable<string> | Iterable<string>) => {
        const sent = await library.request(`${url}/echo`, { dispatcher, method: 'POST', body: body as Readable })
        return sent.body.text()
      }
      async function* produce(): AsyncGenerator<string> {
        yield 'a'
        await sleep(5)
        yield 'b'
      }
      function* count(): Generator<string> {
        yield '1'
        yield '2'
      }
      return [await send(Readable.from(['x', 'y'])), await send(produce()), await send(count())]
    }),
    own('stream with back-pressure', 1, async (url, dispatcher) => {
      let size = 0
      const slow = new Writable({
        highWaterMark: 1000,
        write(chunk: Buffer, _encoding, done) {
          size += chunk.length
          setImmediate(done)
        },
      })
      await library.stream(`${url}/big`, { dispatcher, method: 'GET' }, () => slow)
      return size
    }),
    own('an aborted request', 1, (url, dispatcher) =>
      failing(library.request(`${url}/never`, { dispatcher, signal: AbortSignal.timeout(30) })),
    ),
    own('a body that breaks off', 1, async (url, dispatcher) =>
      failing((await library.request(`${url}/cut`, { dispatcher })).body.text()),
    ),
    scenario('a client knows its origin', 2, async url => {
      const client = new library.Client(url)
      const pool = new library.Pool(url, { connections: 1 })
      const first = await (await client.request({ path: '/text', method: 'GET' })).body.text()
      const second = await (await pool.request({ path: '/gzip', method: 'GET' })).headers
      await Promise.all([client.close(), pool.close()])
      return [first, second]
    }),
    scenario('a pool of one connection and many requests', 5, async url => {
      const pool = new library.Pool(url, { connections: 1, pipelining: 1 })
      const texts = [1, 2, 3, 4, 5].map(async n => {
        const { body } = await pool.request({ path: '/echo', method: 'POST', body: String(n) })
        return body.text()
      })
      const all = await Promise.all(texts)
      await pool.close()
      return all
    }),
    scenario('a retry agent asks again', 4, async url => {
      const agent = new library.Agent()
      const options = { maxRetries: 2, minTimeout: 5 }
      const dispatcher = new library.RetryAgent(agent, options)
      const first = await library.request(`${url}/text`, { dispatcher, method: 'GET' })
      const text = await first.body.text()
      const { statusCode } = await library
        .request(`${url}/busy`, { dispatcher, method: 'GET' })
        .catch((error: { statusCode?: number; code?: string }) => {
          if (error.code === 'FLUX_DIVERGED') throw error
          return { statusCode: error.statusCode }
        })
      await agent.close()
      return [text, statusCode]
    }),
    scenario('an interceptor that redirects', 2, async url => {
      const agent = new library.Agent()
      const dispatcher = agent.compose(library.interceptors.redirect({ maxRedirections: 2 }))
      const { body } = await library.request(`${url}/redirect`, { dispatcher })
      const text = await body.text()
      await agent.close()
      return text
    }),
  ]
}

const server = await startHttp()
afterAll(() => server.stop())
// The copy in Node is loaded by the first call, and keeps its place as the global dispatcher when the package is loaded.
await fetch(`${server.url}/text`).then(response => response.text())
const builtIn = dispatchOwner(Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1')) as object)
const undici = await import('undici')
const undici6 = (await import('undici-6')) as unknown as typeof Undici

function dispatchOwner(dispatcher: object): object {
  for (let at = dispatcher; at; at = Object.getPrototypeOf(at) as object) {
    if (Object.hasOwn(at, 'dispatch') && Object.hasOwn(at, 'destroyed')) return at
  }
  throw new Error('no dispatcher')
}

describe.each([
  ['global fetch', fetching(fetch), builtIn],
  ['undici.fetch', fetching(undici.fetch as unknown as Fetch), builtIn],
  ['undici', packaged(undici), dispatchOwner(undici.Agent.prototype)],
  ['undici 6', packaged(undici6 as unknown as typeof Undici), dispatchOwner(undici6.Agent.prototype)],
] as const)('%s', (_, scenarios, target) => {
  testBoundary({
    boundary: 'undici',
    start: async () => ({ url: server.url, stop: async () => {} }),
    unreachable: server.url,
    targets: [target],
    scenarios,
  })
})
