import type http from 'node:http'
import type { Ending, HttpRequest, RawBody } from 'flux-fixtures'
import { encodeBody } from 'flux-fixtures'
import { expect, test } from 'vitest'
import { drive, type RequestListener } from './drive.ts'
import { replayed } from './machine.ts'

function requestOf(over: Partial<HttpRequest>, body = ''): HttpRequest {
  const raw = body === '' ? [] : [Buffer.from(body)]
  const headers: [string, string][] = [['host', 'shop.test']]
  return { method: 'GET', url: '/', httpVersion: '1.1', headers, body: encodeBody({ raw }), ...over }
}

async function driven(request: HttpRequest, listener: RequestListener): Promise<Ending> {
  const frame = { execution: replayed('test', undefined), path: '', children: 0, inside: false }
  return await drive({ kind: 'http', request }, listener, frame, globalThis)
}

function answerOf(ending: Ending): { status: number; text: string } {
  if (ending.kind !== 'responded') throw new Error(`It ended otherwise: ${JSON.stringify(ending)}`)
  const { raw } = ending.response.body as RawBody
  return { status: ending.response.status, text: Buffer.concat(raw).toString() }
}

const echo = (request: http.IncomingMessage, response: http.ServerResponse) => {
  response.statusCode = 201
  request.pipe(response)
}

test('a program sees the recorded headers, no others, and the length of the body as it is', async () => {
  let seen: string[] = []
  const headers: [string, string][] = [
    ['Host', 'shop.test'],
    ['X-Name', 'Zoë'],
    ['Transfer-Encoding', 'chunked'],
    ['Expect', '100-continue'],
  ]
  const ending = await driven(requestOf({ method: 'POST', headers }, 'twelve bytes'), (request, response) => {
    seen = request.rawHeaders
    echo(request, response)
  })
  expect(seen).toEqual(['Host', 'shop.test', 'X-Name', 'Zoë', 'content-length', '12'])
  expect(answerOf(ending)).toEqual({ status: 201, text: 'twelve bytes' })
})

test('a body far beyond every buffer comes back whole', async () => {
  const body = 'x'.repeat(3_000_000)
  const ending = await driven(requestOf({ method: 'PUT' }, body), echo)
  expect(answerOf(ending).text.length).toBe(body.length)
})

test('an answer in pieces over some turns, on a connection that closes', async () => {
  const ending = await driven(requestOf({ headers: [['connection', 'close']] }), (_request, response) => {
    response.write('one ')
    setImmediate(() => response.end('two'))
  })
  expect(answerOf(ending)).toEqual({ status: 200, text: 'one two' })
})

test('an answer to HEAD has no body', async () => {
  const ending = await driven(requestOf({ method: 'HEAD' }), (_request, response) => response.end('body'))
  expect(answerOf(ending)).toEqual({ status: 200, text: '' })
})

test.each<[string, RequestListener]>([
  ['before it answers', (request, _response) => request.socket.destroy()],
  ['in the middle of its answer', (_request, response) => response.write('one', () => response.destroy())],
])('a program that closes the connection %s has not answered', async (_when, listener) => {
  expect(await driven(requestOf({}), listener)).toMatchObject({ kind: 'unanswered' })
})

test('the path cannot break out of its line', async () => {
  const split = requestOf({ url: '/ HTTP/1.1\r\nx-injected: 1\r\n\r\n' })
  await expect(driven(split, echo)).rejects.toMatchObject({ code: 'FLUX_FIXTURE_CORRUPT' })
  const header = requestOf({ headers: [['x-one', '1\r\nx-injected: 1']] })
  await expect(driven(header, echo)).rejects.toMatchObject({ code: 'ERR_INVALID_CHAR' })
})

test('two requests under way do not meet', async () => {
  const answers = await Promise.all(
    ['/a', '/b'].map(url =>
      driven(requestOf({ url }), (request, response) => setImmediate(() => response.end(request.url))),
    ),
  )
  expect(answers.map(answer => answerOf(answer).text)).toEqual(['/a', '/b'])
})
