import type { Execution } from '../execution.ts'
import { Patches } from '../patch.ts'

/** Hears the error that left a layer, or undefined: a layer of the ordinary kind runs, whatever error there was is dealt with. */
export type ErrorListener = Pick<Execution, 'hear'>

type Next = (error?: unknown) => unknown
type Handle = (this: object, request: object, response: object, next: Next) => unknown
type HandleError = (this: object, error: unknown, request: object, response: object, next: Next) => unknown
interface Layer {
  handleRequest?: Handle
  handleError?: HandleError
  handle_request?: Handle
  handle_error?: HandleError
}

const listeners = new WeakMap<object, ErrorListener>()
const installed = new WeakSet<object>()
const patches = new Patches()

/** Reports the errors that an Express app meets while it serves `request`. */
export function hearErrors(request: object, listener: ErrorListener): void {
  listeners.set(request, listener)
}

/**
 * Learns the errors behind the answers of an Express app, versions 4 and 5, from the layers of its router.
 * @param app anything; what is no Express app, or has no layer yet, is left alone
 * @returns whether the layers are watched now
 */
export function installExpress(app: unknown): boolean {
  const layer = firstLayer(app)
  if (!layer) return false
  const prototype = Object.getPrototypeOf(layer) as Layer & object
  if (installed.has(prototype)) return true
  for (const key of ['handleRequest', 'handle_request'] as const) {
    if (typeof prototype[key] === 'function') patches.replace(prototype, key, wrapHandle)
  }
  for (const key of ['handleError', 'handle_error'] as const) {
    if (typeof prototype[key] === 'function') patches.replace(prototype, key, wrapHandleError)
  }
  installed.add(prototype)
  return true
}

/** In Express 4 `app.router` throws; in Express 5 there is no `lazyrouter`. */
function firstLayer(app: unknown): object | undefined {
  if (typeof app !== 'function') return undefined
  const express = app as { lazyrouter?: unknown; _router?: unknown; router?: unknown; stack?: unknown; set?: unknown }
  if (typeof express.set !== 'function') return undefined
  const router = typeof express.lazyrouter === 'function' ? express._router : express.router
  const stack = (router as { stack?: unknown } | undefined)?.stack
  const layer: unknown = Array.isArray(stack) ? stack[0] : undefined
  return typeof layer === 'object' && layer !== null ? layer : undefined
}

function wrapHandle<H extends Handle | undefined>(original: H): H {
  if (!original) return original
  const handle: Handle = function (request, response, next) {
    const listener = listeners.get(request)
    if (!listener) return original.call(this, request, response, next)
    listener.hear(undefined)
    return original.call(this, request, response, hearing(listener, next))
  }
  return handle as H
}

function wrapHandleError<H extends HandleError | undefined>(original: H): H {
  if (!original) return original
  const handle: HandleError = function (error, request, response, next) {
    const listener = listeners.get(request)
    if (!listener) return original.call(this, error, request, response, next)
    hear(listener, error)
    return original.call(this, error, request, response, hearing(listener, next))
  }
  return handle as H
}

function hearing(listener: ErrorListener, next: Next): Next {
  return function (this: unknown, ...args: [unknown?]) {
    hear(listener, args[0])
    return next.apply(this, args)
  }
}

/** `next('route')` and `next('router')` are no errors. */
function hear(listener: ErrorListener, error: unknown): void {
  if (error && error !== 'route' && error !== 'router') listener.hear(error)
}
