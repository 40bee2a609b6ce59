import { AsyncResource } from 'node:async_hooks'
import { type Enter, pairsOf } from '../../http-exchange.ts'
import { overlay } from '../../overlay.ts'
import type { ResponseTape } from '../../response-tape.ts'
import type { Controller, Handler } from './handler.ts'

type Method = (...args: unknown[]) => unknown

/** A library's own handler notes times there, the program's does nothing: it stays the dispatcher's business. */
const BEFORE_RESPONSE = new Set<PropertyKey>(['onConnect', 'onRequestStart', 'onResponseStarted'])

/**
 * Watches what a dispatcher tells a handler. The handler runs at the program's place; what it asks of the dispatcher in
 * turn (abort, resume) runs at the dispatcher's. To be called where the dispatcher performs.
 */
export function tapHandler(handler: Handler, tape: ResponseTape, enter: Enter): Handler {
  const inside = AsyncResource.bind((step: () => unknown) => step())
  const wrapped = new Map<PropertyKey, { readonly original: Method; readonly method: Method }>()
  // The target is a stand-in: a proxy must tell the truth about what is frozen in its target.
  return new Proxy<Handler>(Object.create(Object.getPrototypeOf(handler)), {
    has: (_, key) => Reflect.has(handler, key),
    set: (_, key, value) => Reflect.set(handler, key, value),
    get(_, key) {
      const original: unknown = Reflect.get(handler, key)
      if (typeof original !== 'function') return original
      const known = wrapped.get(key)
      if (known?.original === original) return known.method
      const method = (...args: unknown[]): unknown => {
        note(tape, key, args, inside)
        if (BEFORE_RESPONSE.has(key)) return original.apply(handler, args)
        try {
          return enter(() => original.apply(handler, args))
        } catch (error) {
          // The dispatcher aborts a request whose handler throws.
          tape.aborting()
          throw error
        }
      }
      wrapped.set(key, { original: original as Method, method })
      return method
    },
  })
}

function note(tape: ResponseTape, key: PropertyKey, args: unknown[], inside: Enter): void {
  switch (key) {
    case 'onConnect': {
      const abort = args[0] as Method
      args[0] = (reason: unknown) => {
        tape.aborting()
        inside(() => abort(reason))
      }
      return tape.sent()
    }
    case 'onRequestStart':
      watchController(args[0] as Controller, tape, inside)
      return tape.sent()
    case 'onHeaders': {
      const resume = args[2] as Method
      args[2] = () => inside(() => resume())
      return head(tape, args[0], args[1] as unknown[], args[3])
    }
    case 'onResponseStart': {
      const raw = (args[0] as Controller).rawHeaders ?? Object.entries(args[2] as object).flat(1)
      return head(tape, args[1], raw, args[3])
    }
    case 'onData':
      return tape.chunk(args[0] as Uint8Array)
    case 'onResponseData':
      return tape.chunk(args[1] as Uint8Array)
    case 'onComplete':
      return tape.end(pairsOf((args[0] as unknown[] | null) ?? []))
    case 'onResponseEnd': {
      const raw = (args[0] as Controller).rawTrailers ?? Object.entries((args[1] as object | null) ?? {}).flat(1)
      return tape.end(pairsOf(raw))
    }
    case 'onError':
      return tape.fail(args[0])
    case 'onResponseError':
      return tape.fail(args[1])
  }
}

function head(tape: ResponseTape, status: unknown, raw: readonly unknown[], statusText: unknown): void {
  const arrived = {
    status: Number(status),
    statusText: typeof statusText === 'string' ? statusText : '',
    httpVersion: '1.1',
    headers: pairsOf(raw),
  }
  if (arrived.status < 200) tape.inform(arrived)
  else tape.head(arrived)
}

function watchController(controller: Controller, tape: ResponseTape, inside: Enter): void {
  overlay(controller, 'abort', original => reason => {
    tape.aborting()
    inside(() => original.call(controller, reason))
  })
  overlay(controller, 'resume', original => () => {
    inside(() => original.call(controller))
  })
}
