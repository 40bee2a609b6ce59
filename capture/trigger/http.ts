import http, { type IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { Patches } from '../patch.ts'
import type { Recorder } from '../record/recorder.ts'
import type { Run } from '../record/run.ts'
import { runtime } from '../runtime.ts'
import { within } from '../scope.ts'
import { type Exchange, observeExchange } from './exchange.ts'
import { hearErrors, installExpress } from './express.ts'

type Emit = (this: object, event: string | symbol, ...args: unknown[]) => boolean
interface Emitting {
  emit: Emit
}

const EVENTS = new Set<string | symbol>(['request', 'checkContinue', 'checkExpectation'])
const known = new WeakSet<object>()
const explored = new WeakSet<object>()

/** Every request that reaches an `http.Server` or `https.Server` starts an execution, while a recorder is there. */
export function installHttp(patches: Patches): void {
  for (const prototype of [http.Server.prototype, https.Server.prototype]) {
    patches.replace(prototype as unknown as Emitting, 'emit', original => {
      return function emit(this: object, event: string | symbol, ...args: unknown[]): boolean {
        const [request, response] = args
        const run =
          EVENTS.has(event) && runtime.recorder && response instanceof ServerResponse
            ? beginRequest(request as IncomingMessage, response, this)
            : undefined
        if (!run) return Reflect.apply(original, this, [event, ...args])
        return within(run.frame, original, this, [event, ...args])
      }
    })
  }
}

/** Starts the execution of a request, once; undefined when it has one or nothing records. Never throws. */
export function beginRequest(request: IncomingMessage, response: ServerResponse, server?: object): Run | undefined {
  const { recorder } = runtime
  if (!recorder || known.has(request)) return undefined
  known.add(request)
  try {
    if (server && !explored.has(server) && exploreServer(server)) explored.add(server)
    return observeRequest(recorder, request, response)
  } catch {
    recorder.fault('trigger')
    return undefined
  }
}

function observeRequest(recorder: Recorder, request: IncomingMessage, response: ServerResponse): Run {
  let exchange: Exchange | undefined
  const run = recorder.begin({
    trigger() {
      const route = exchange?.route
      if (!exchange) throw new TypeError('No exchange')
      return { kind: 'http', request: exchange.request(), ...(route !== undefined && { route }) }
    },
    name: () => `${exchange?.method} ${exchange?.route ?? pathOf(exchange?.url ?? '/')}`,
    status: () => exchange?.status,
  })
  const { execution } = run
  const sink = {
    id: recorder.settings.capture.header ? execution.id : undefined,
    elapsed: () => execution.elapsed(),
    held: (size: number) => execution.hold(size),
    head(status: number) {
      if (status >= 500) run.fail('response')
    },
    closed: (answered: boolean) => {
      if (exchange) endRequest(run, exchange, answered)
    },
  }
  exchange = observeExchange(request, response, sink, run.frame)
  hearErrors(request, execution)
  return run
}

function endRequest(run: Run, exchange: Exchange, answered: boolean): void {
  const begun = exchange.status !== undefined
  if (!answered) {
    const cause = exchange.destroyedBy
    if (cause !== undefined) run.execution.hear(cause)
    if (!begun || cause !== undefined) run.fail('unanswered')
  }
  if (begun) run.end(() => ({ kind: 'responded', response: exchange.response() }))
  else run.end(() => ({ kind: 'unanswered', reason: 'the connection was closed before an answer' }))
}

/** Without a route template, segments that carry data stand for any such segment. */
function pathOf(url: string): string {
  const query = url.indexOf('?')
  const path = query < 0 ? url : url.slice(0, query)
  return path
    .split('/')
    .map(segment => (/\d|%|.{32}/.test(segment) ? ':' : segment))
    .join('/')
}

/** Learns the layers of an Express app that listens to a server; true when there is nothing more to learn. */
function exploreServer(server: object): boolean {
  const listeners = (server as http.Server).listeners('request')
  return listeners.some(listener => installExpress(listener))
}
