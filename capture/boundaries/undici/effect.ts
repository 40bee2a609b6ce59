import { stringify } from 'node:querystring'
import { type HeaderPairs, valueOf } from '../../http-exchange.ts'

/** What every version of undici dispatches. */
export interface DispatchOptions {
  readonly origin?: string | URL | null
  readonly path: string
  readonly method: string
  readonly query?: Record<string, string> | null
  readonly headers?: unknown
  readonly body?: unknown
  readonly upgrade?: unknown
}

/** Whether it is a request and its response; protocol switches are conversations. */
export function isExchange(options: unknown): options is DispatchOptions {
  if (typeof options !== 'object' || options === null) return false
  const { path, method, upgrade } = options as Partial<DispatchOptions>
  return typeof path === 'string' && typeof method === 'string' && method !== 'CONNECT' && !upgrade
}

/** The absolute URL of a request. A client or a pool knows its origin itself. */
export function urlOf(dispatcher: object, options: DispatchOptions): string {
  const { path, query } = options
  const full = query && Object.keys(query).length > 0 ? `${path}?${stringify(query)}` : path
  if (/^https?:\/\//i.test(full)) return full
  const origin = options.origin ?? ownOrigin(dispatcher) ?? 'http://unknown'
  return `${typeof origin === 'string' ? origin.replace(/\/$/, '') : origin.origin}${full}`
}

/** Clients and pools keep their URL under a symbol that is described as `url`; a balanced pool has several. */
function ownOrigin(dispatcher: object): string | undefined {
  for (const symbol of Object.getOwnPropertySymbols(dispatcher)) {
    if (symbol.description !== 'url') continue
    const url: unknown = Reflect.get(dispatcher, symbol)
    if (url instanceof URL || (typeof url === 'object' && url !== null && 'origin' in url)) return String(url.origin)
  }
  const upstreams: unknown = Reflect.get(dispatcher, 'upstreams')
  return Array.isArray(upstreams) ? upstreams.map(String).sort().join(',') : undefined
}

/** Headers in any of the forms that undici takes: flat, pairs, a map or an object. */
export function headersOf(headers: unknown): HeaderPairs {
  if (typeof headers !== 'object' || headers === null) return []
  if (Array.isArray(headers) && !Array.isArray(headers[0])) {
    return headers.flatMap((name, at) => (at % 2 === 0 ? expand(name, headers[at + 1]) : []))
  }
  const entries = Symbol.iterator in headers ? [...(headers as Iterable<[unknown, unknown]>)] : Object.entries(headers)
  return entries.flatMap(([name, value]) => expand(name, value))
}

function expand(name: unknown, value: unknown): [string, string][] {
  if (value === undefined || value === null) return []
  return (Array.isArray(value) ? value : [value]).map(single => [String(name), String(single)])
}

/**
 * Whether a body that comes as a stream is in memory: `fetch` makes streams of all bodies, and states the length of those
 * that it was given whole.
 */
export function isInMemory(headers: HeaderPairs): boolean {
  const length = valueOf(headers, 'content-length')
  return length !== undefined && Number(length) <= 1_048_576 && valueOf(headers, 'sec-fetch-mode') !== undefined
}
