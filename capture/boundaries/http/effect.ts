import type { ClientRequest } from 'node:http'
import { type HeaderPairs, headerLines } from '../../http-exchange.ts'

/** What `http.request` hands to an agent, as far as it says where the request goes. */
export interface Route {
  readonly host?: string | null
  readonly port?: number | string | null
  readonly defaultPort?: number | string
  readonly socketPath?: string | null
}

/** The head as it goes over the wire; absent until headers are stored. */
interface WireHead {
  readonly _header?: string | null
}

/** The absolute URL of a request. One through a plain HTTP proxy has it as its path. */
export function urlOf(request: ClientRequest, route: Route): string {
  if (/^https?:\/\//i.test(request.path)) return request.path
  if (route.socketPath) return `http+unix://${encodeURIComponent(route.socketPath)}${request.path}`
  const name = route.host || request.host || 'localhost'
  const host = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name
  const usual = request.protocol === 'https:' ? 443 : 80
  const port = route.port && Number(route.port) !== usual ? `:${route.port}` : ''
  return `${request.protocol}//${host}${port}${request.path}`
}

/** Protocol switches are conversations, not one request and one response. */
export function isConversation(request: ClientRequest): boolean {
  return request.method === 'CONNECT' || has(request, 'upgrade')
}

/** Whether a request sends its body only once the server has said to continue. */
export function awaitsContinue(request: ClientRequest): boolean {
  return has(request, 'expect')
}

function has(request: ClientRequest, name: string): boolean {
  if (request.getHeader(name) !== undefined) return true
  return headerLines((request as WireHead)._header ?? '').some(line => line[0].toLowerCase() === name)
}

/** The headers as sent, or as set so far. */
export function headersOf(request: ClientRequest): HeaderPairs {
  const wire = (request as WireHead)._header
  if (typeof wire === 'string') return headerLines(wire)
  return request.getRawHeaderNames().flatMap(name => {
    const value = request.getHeader(name)
    return (Array.isArray(value) ? value : [value]).map(single => [name, String(single)] as const)
  })
}
