import type { Boundary, Host, Reply } from '../../boundary.ts'
import { BLANK, type ExchangeRequest, exchangeEffect } from '../../http-exchange.ts'
import { Chunks, ResponseTape } from '../../response-tape.ts'
import { drainBody, knownChunks, watchBody } from './body.ts'
import { headersOf, isExchange, isInMemory, urlOf } from './effect.ts'
import type { Handler } from './handler.ts'
import { Delivering } from './outcome.ts'
import { tapHandler } from './tap.ts'

interface Dispatcher {
  dispatch(options: unknown, handler: Handler): boolean
}

/** `fetch` and the undici package, whichever copy: the base of its dispatchers owns these, and nothing else does. */
function isDispatcherBase(prototype: object): prototype is Dispatcher {
  return ['dispatch', 'destroyed', 'closed', 'close'].every(key => Object.hasOwn(prototype, key))
}

/** Requests made with global `fetch` and with undici. */
export const boundary: Boundary = {
  name: 'undici',
  supports: { undici: '>=6 <8' },
  install(host) {
    const own = new WeakSet<Handler>()
    const found = new WeakSet<object>()
    const install = (prototype: object): void => {
      if (found.has(prototype)) return
      found.add(prototype)
      host.patch(prototype as Dispatcher, 'dispatch', original => {
        return function (this: Dispatcher, options, handler) {
          if (!isExchange(options) || typeof handler !== 'object' || handler === null || own.has(handler)) {
            return original.call(this, options, handler)
          }
          return dispatch(host, this, options, handler, tapped => {
            own.add(tapped)
            return original.call(this, options, tapped)
          })
        }
      })
    }
    // It measures each call for the resource timings.
    host.patch(
      host.realm.global,
      'fetch',
      original =>
        (...args) =>
          host.library(() => original(...args)),
    )
    host.discover(isDispatcherBase, install)
    // Made already, before this installation.
    for (const version of [1, 2]) {
      const dispatcher: unknown = Reflect.get(globalThis, Symbol.for(`undici.globalDispatcher.${version}`))
      for (let at = dispatcher; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at)) {
        if (isDispatcherBase(at)) install(at)
      }
    }
  },
}

function dispatch(
  host: Host,
  dispatcher: object,
  options: Parameters<typeof urlOf>[1],
  handler: Handler,
  proceed: (handler: Handler) => boolean,
): boolean {
  const enter = host.carry((step: () => unknown) => step())
  const headers = headersOf(options.headers)
  const known = knownChunks(options.body)
  const request = { method: options.method.toUpperCase(), url: urlOf(dispatcher, options) }
  const complete = (chunks: Chunks): ExchangeRequest => ({ ...request, body: chunks.body(headers) })
  return host.cross({
    effect: exchangeEffect('undici', known ? complete(known) : request, headers),
    perform(observer) {
      const tape = new ResponseTape(observer)
      if (!known) {
        const chunks = new Chunks()
        watchBody(options.body, {
          enter,
          eager: isInMemory(headers),
          onChunk: chunk => {
            if (tape.keeps(chunk)) chunks.add(chunk)
          },
          onEnd: () => tape.asked(complete(chunks)),
        })
      }
      return proceed(tapHandler(handler, tape, enter))
    },
    answer(reply: Reply) {
      const asked = async () => (known ? undefined : complete(await drainBody(options.body)))
      void new Delivering(handler, enter, host.inside).run(asked, request.method, reply)
      return true
    },
    blank: BLANK,
  })
}
