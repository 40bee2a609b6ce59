import type { IncomingMessage, ServerResponse } from 'node:http'
import { runtime } from '../runtime.ts'
import { within } from '../scope.ts'
import { start } from '../start.ts'
import { installExpress } from './express.ts'
import { beginRequest } from './http.ts'

/** A middleware as Express calls it. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void

const env = process.env

/**
 * Middleware that captures the requests of an Express app without the preload; put it first. Where the preload or a replay is
 * at work it only passes on. A test runner must ask for capture itself: in its processes nothing starts here.
 */
export function express(): Middleware {
  return (request, response, next) => {
    const current = runtime.frames.getStore()
    if ((current && !current.execution.closed) || !isStarted()) return next()
    const run = beginRequest(request, response)
    if (!run) return next()
    installExpress((request as { app?: unknown }).app)
    within(run.frame, next, undefined, [])
  }
}

function isStarted(): boolean {
  if (runtime.recorder) return true
  if (env.VITEST || env.JEST_WORKER_ID || env.NODE_TEST_CONTEXT) return false
  return start()
}
