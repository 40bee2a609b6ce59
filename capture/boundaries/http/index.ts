import http, { type ClientRequest } from 'node:http'
import type { Boundary, Reply } from '../../boundary.ts'
import { BLANK, exchangeEffect } from '../../http-exchange.ts'
import { ResponseTape } from '../../response-tape.ts'
import { isConversation, type Route, urlOf } from './effect.ts'
import { answer } from './outcome.ts'
import { RequestTap } from './tap.ts'

/** Undocumented, and what every agent that is not written from scratch inherits; called by the constructor of a request. */
interface AgentInternals {
  readonly options: { readonly timeout?: number }
  addRequest(request: ClientRequest, options: Route | string, ...legacy: unknown[]): void
}

/** Requests made with `http` and `https`, and with what is built on them. */
export const boundary: Boundary = {
  name: 'http',
  supports: {},
  install(host) {
    const seen = new WeakSet<ClientRequest>()
    host.patch(http.Agent.prototype as unknown as AgentInternals, 'addRequest', original => {
      return function (this: AgentInternals, request, options, ...legacy) {
        const perform = () => original.call(this, request, options, ...legacy)
        if (seen.has(request) || isConversation(request)) return perform()
        seen.add(request)
        const route = typeof options === 'string' ? { host: options, port: legacy[0] as number } : options
        const enter = host.carry((step: () => unknown) => step())
        const tap = new RequestTap(request, urlOf(request, route), enter)
        host.cross({
          effect: exchangeEffect('http', { method: request.method, url: tap.url }, tap.headers),
          perform(observer) {
            tap.record(new ResponseTape(observer))
            perform()
          },
          answer: (reply: Reply) => answer(host, this, tap, reply),
          blank: BLANK,
        })
      }
    })
  },
}
