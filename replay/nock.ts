import http from 'node:http'
import https from 'node:https'
import { type Frame, type Patches, runtime } from 'flux-capture/internal'
import { decodeBody, type Effect, type EncodedBody, type Outcome } from 'flux-fixtures'
import { NOCK } from './floor.ts'
import { replayed } from './machine.ts'

type RequestFunction = typeof http.request
const REAL = { http: http.request, https: https.request, get: http.get, gets: https.get }

/** What is between Node and its socket: nock 14 never ends a body of unknown length on a connection that is kept. */
const OF_CONNECTION = new Set(['connection', 'keep-alive'])

/**
 * The test's own nock scopes, asked only after the recording. nock replaces `http.request` and `fetch` when it is
 * loaded; while the program runs, Flux puts the real ones back on top and keeps nock's for the calls that no entry answers.
 * No part of nock is imported: whichever copy of it the test uses is found by what it replaced.
 */
export class NockScopes {
  readonly #http: RequestFunction
  readonly #https: RequestFunction
  /** nock works below the boundaries: its agent makes the connection. */
  readonly #outside: Frame = { execution: replayed(NOCK, undefined), path: '', children: 0, inside: true }

  constructor(patches: Patches, global: typeof globalThis, realFetch: typeof fetch) {
    this.#http = http.request
    this.#https = https.request
    if (!this.active) return
    patches.replace(http, 'request', () => REAL.http)
    patches.replace(http, 'get', () => REAL.get)
    patches.replace(https, 'request', () => REAL.https)
    patches.replace(https, 'get', () => REAL.gets)
    patches.replace(global, 'fetch', () => realFetch)
  }

  /** Whether something stands on `http.request`. */
  get active(): boolean {
    return this.#http !== REAL.http
  }

  /** Asks nock; undefined when it has no match. */
  async ask(effect: Effect): Promise<Outcome | undefined> {
    if (!this.active || effect.kind !== 'http') return undefined
    const { method, url, body } = effect.request as { method: string; url: string; body: EncodedBody }
    const sent = (effect.detail as { headers?: [string, string][] } | undefined)?.headers ?? []
    const headers = sent.filter(([name]) => !OF_CONNECTION.has(name.toLowerCase()))
    const bytes = Buffer.concat(decodeBody(body))
    const request = new URL(url).protocol === 'https:' ? this.#https : this.#http
    return await new Promise(resolve => {
      const answer = (response: http.IncomingMessage) => {
        const chunks: Buffer[] = []
        response.on('data', chunk => chunks.push(chunk))
        response.on('error', error => resolve({ status: 'failed', error }))
        response.on('end', () => resolve(outcomeOf(response, Buffer.concat(chunks))))
      }
      runtime.frames.run(this.#outside, () => {
        const asked = request(url, { method, headers: Object.fromEntries(headers) }, answer)
        asked.on('error', error => resolve(isNoMatch(error) ? undefined : { status: 'failed', error }))
        asked.end(bytes)
      })
    })
  }
}

function isNoMatch(error: NodeJS.ErrnoException): boolean {
  return (
    error.code === 'ERR_NOCK_NO_MATCH' ||
    error.code === 'FLUX_LEAK' ||
    error.name === 'NetConnectNotAllowedError' ||
    /nock: no match/i.test(error.message)
  )
}

function outcomeOf(response: http.IncomingMessage, bytes: Buffer): Outcome | undefined {
  // nock 15 answers what it does not know with a 501 of its own.
  if (response.statusCode === 501 && bytes.includes('ERR_NOCK_NO_MATCH')) return undefined
  const headers: [string, string][] = []
  for (let index = 0; index < response.rawHeaders.length; index += 2) {
    headers.push([response.rawHeaders[index] ?? '', response.rawHeaders[index + 1] ?? ''])
  }
  return {
    status: 'returned',
    value: {
      status: response.statusCode,
      statusText: response.statusMessage,
      httpVersion: '1.1',
      headers,
      body: { raw: bytes.length > 0 ? [bytes] : [], type: response.headers['content-type'] },
    },
  }
}
