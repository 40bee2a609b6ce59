import type { Socket } from 'node:net'
import * as zlib from 'node:zlib'

/** One request that a connection brought. */
export interface Asked {
  readonly method: string
  readonly body: Uint8Array
  /** Its number on this connection, from 1. */
  readonly count: number
  readonly socket: Socket
  /** Resolves when the bytes are out. */
  write(bytes: string | Uint8Array): Promise<void>
  pause(milliseconds: number): Promise<unknown>
}

type Route = (asked: Asked) => Promise<unknown>

/** Far enough apart that two writes are two reads, also on a busy machine. */
const APART_MS = 25

function head(status: string, headers: Readonly<Record<string, string | number>> = {}, version = '1.1'): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/${version} ${status}\r\n${lines.join('')}\r\n`
}

/** A whole answer on a connection that is closed after it. */
function whole(status: string, headers: Readonly<Record<string, string | number>>, body: string | Uint8Array): Route {
  const bytes = Buffer.from(body as string)
  return async ({ method, write, socket }) => {
    const length = /^(204|304)/.test(status) ? {} : { 'content-length': bytes.length }
    await write(head(status, { ...headers, ...length, connection: 'close' }))
    if (method !== 'HEAD' && bytes.length > 0) await write(bytes)
    socket.end()
  }
}

function chunk(bytes: string | Uint8Array): Buffer {
  const content = Buffer.from(bytes as string)
  return Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from('\r\n')])
}

/** A chunked answer with pauses between its chunks. */
function streamed(type: string, chunks: readonly string[], apart = APART_MS, last = '0\r\n\r\n'): Route {
  return async ({ write, socket, pause }) => {
    await write(head('200 OK', { 'content-type': type, 'transfer-encoding': 'chunked', connection: 'close' }))
    for (const text of chunks) {
      await pause(apart)
      await write(chunk(text))
    }
    await pause(apart)
    await write(last)
    socket.end()
  }
}

/** The beginning of an answer, and then its end. */
function cut(bytes: readonly string[], end: (socket: Socket) => unknown): Route {
  return async ({ write, socket, pause }) => {
    for (const part of bytes) {
      await write(part)
      await pause(APART_MS)
    }
    end(socket)
  }
}

const reset = (socket: Socket) => socket.resetAndDestroy()
const finish = (socket: Socket) => socket.end()
const keep = () => {}

const TEXT = JSON.stringify({ quotes: Array.from({ length: 40 }, (_, item) => ({ item, price: item * 7 })) })
/** Bytes that no compression and no decoder of text can take. */
/** A fixture may have 5 MiB, in which base64 and its lines take much more. */
const BINARY = Buffer.alloc(2.5 * 1024 * 1024)
for (let at = 0, seed = 1; at < BINARY.length; at++) {
  seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
  BINARY[at] = seed >> 16
}
const LONG = head('200 OK', { 'content-type': 'text/plain', 'content-length': 100 })
const CHUNKED = head('200 OK', { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' })
const GZIPPED = zlib.gzipSync(TEXT)

function encoded(encoding: string, bytes: Uint8Array): Route {
  const headers = { 'content-type': 'application/json', 'content-encoding': encoding, 'x-encoded': encoding }
  return whole('200 OK', headers, bytes)
}

/** zstd came to node:zlib with Node 22.15. */
const zstd = Reflect.get(zlib, 'zstdCompressSync') as ((text: string) => Buffer) | undefined
export const hasZstd = zstd !== undefined

export const ROUTES: Readonly<Record<string, Route>> = {
  '/nowhere': whole('404 Not Found', {}, 'nothing here'),
  '/text': whole('200 OK', { 'content-type': 'text/plain', 'x-served-by': 'fidelity' }, 'hello'),
  '/json': whole('200 OK', { 'content-type': 'application/json' }, TEXT),
  '/half-json': whole('200 OK', { 'content-type': 'application/json' }, TEXT.slice(0, 100)),
  '/fails': whole('503 Out Of Order', { 'content-type': 'application/json' }, '{"error":"down"}'),
  '/empty': whole('200 OK', {}, ''),
  '/no-content': whole('204 No Content', { 'x-served-by': 'fidelity' }, ''),
  '/not-modified': whole('304 Not Modified', { etag: '"7"' }, ''),
  '/redirect': whole('302 Found', { location: '/text' }, 'moved'),
  '/redirect-loop': whole('302 Found', { location: '/redirect-loop' }, ''),
  '/see-other': whole('303 See Other', { location: '/text' }, ''),
  '/binary': whole('200 OK', { 'content-type': 'application/octet-stream' }, BINARY.subarray(0, 300_000)),
  '/large': whole('200 OK', { 'content-type': 'application/octet-stream' }, BINARY),
  '/gzip': encoded('gzip', GZIPPED),
  '/br': encoded('br', zlib.brotliCompressSync(TEXT)),
  '/deflate': encoded('deflate', zlib.deflateSync(TEXT)),
  '/zstd': encoded('zstd', zstd ? zstd(TEXT) : Buffer.alloc(0)),
  '/gzip-bad': encoded('gzip', Buffer.from('this was never compressed')),
  '/gzip-cut': encoded('gzip', GZIPPED.subarray(0, GZIPPED.length - 40)),
  '/events': streamed('text/event-stream', [
    'data: one\n\n',
    'data: two\n\ndata: three\n\n',
    ': beat\n\n',
    'data: four\n\n',
  ]),
  '/one-late-chunk': streamed('text/event-stream', ['data: only\n\n'], 300),
  '/slow-body': streamed('text/plain', ['first ', 'second ', 'third'], 250),
  '/trailers': streamed('text/plain', ['sum'], APART_MS, '0\r\nx-sum: 42\r\n\r\n'),
  '/http-1.0': cut([head('200 OK', { 'content-type': 'text/plain' }, '1.0'), 'until ', 'the end'], finish),
  '/until-close': cut([head('200 OK', { connection: 'close' }), 'until ', 'the end'], finish),
  '/until-reset': cut([head('200 OK', { connection: 'close' }), 'until '], reset),
  '/reset-at-once': cut([], reset),
  '/end-at-once': cut([], finish),
  '/reset-in-head': cut(['HTTP/1.1 200 OK\r\ncontent-ty'], reset),
  '/end-in-head': cut(['HTTP/1.1 200 OK\r\ncontent-ty'], finish),
  '/reset-after-head': cut([LONG], reset),
  '/end-after-head': cut([LONG], finish),
  '/reset-in-body': cut([LONG, 'part one, ', 'part two'], reset),
  '/end-in-body': cut([LONG, 'part one, ', 'part two'], finish),
  '/reset-in-chunked': cut([CHUNKED, '5\r\nwhole\r\n'], reset),
  '/end-in-chunked': cut([CHUNKED, '5\r\nwhole\r\n'], finish),
  '/end-in-chunk': cut([CHUNKED, '5\r\nwhole\r\n', '9\r\nhal'], finish),
  '/bad-chunk': cut([CHUNKED, '5\r\nwhole\r\n', 'zz\r\nno\r\n'], keep),
  '/bad-status-line': cut(['SMTP/1.1 220 ready\r\n\r\n'], keep),
  '/bad-header': cut(['HTTP/1.1 200 OK\r\nno colon here\r\n\r\n'], keep),
  '/huge-header': cut([head('200 OK', { 'x-long': 'x'.repeat(40_000), 'content-length': 0 })], keep),
  '/two-lengths': cut(['HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'], keep),
  '/never': cut([], keep),
  '/stalls': cut([LONG, 'part one, '], keep),
  '/hints': cut(
    ['HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n', head('200 OK', { 'content-length': 2 }), 'ok'],
    finish,
  ),
  '/echo': async ({ body, write, socket }) => {
    await write(head('200 OK', { 'content-length': body.length, connection: 'close' }))
    if (body.length > 0) await write(body)
    socket.end()
  },
  '/late': async ({ write, socket, pause }) => {
    await pause(600)
    await write(`${head('200 OK', { 'content-length': 4, connection: 'close' })}late`)
    socket.end()
  },
  '/many': async ({ write, socket, pause }) => {
    await write(head('200 OK', { 'content-type': 'application/x-ndjson', 'transfer-encoding': 'chunked' }))
    for (let line = 0; line < 100; line++) {
      await write(chunk(`{"line":${line}}\n`))
      if (line % 25 === 24) await pause(2)
    }
    await write('0\r\n\r\n')
    socket.end()
  },
  // Answers the first request of a connection, and breaks it at the second.
  '/once': async ({ count, write, socket }) => {
    if (count > 1) return socket.resetAndDestroy()
    await write(`${head('200 OK', { 'content-length': 5, 'keep-alive': 'timeout=5' })}first`)
  },
  '/kept': async ({ count, write }) => {
    await write(`${head('200 OK', { 'content-length': 1 })}${Math.min(count, 9)}`)
  },
  // Closes a connection that it had promised to keep.
  '/kept-briefly': async ({ write, socket, pause }) => {
    await write(`${head('200 OK', { 'content-length': 4 })}kept`)
    await pause(APART_MS)
    socket.end()
  },
  '/stalls-when-kept': async ({ count, write }) => {
    if (count === 1) await write(`${head('200 OK', { 'content-length': 5 })}first`)
  },
}
