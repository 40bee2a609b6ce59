import { format } from 'node:util'
import type { ClockRead, Draw, Log } from 'flux-fixtures'
import { appLine } from './app-line.ts'
import type { Call } from './boundary.ts'
import { EMPTY, type Site } from './execution.ts'
import { type Frame, runtime } from './runtime.ts'
import { within } from './scope.ts'

/** The frame that a call belongs to; none while a boundary performs, or when Flux is not installed. */
export function currentFrame(): Frame | undefined {
  const frame = runtime.frames.getStore() ?? runtime.ambient
  return frame?.inside ? undefined : frame
}

/**
 * Meets the outside world: the one place that knows the mode.
 *
 * | mode | an effect is answered from | nothing answers | its outcome is |
 * |---|---|---|---|
 * | record | nowhere | perform it | noted |
 * | replay | the fixture | diverge (the player's answer says so) | – |
 */
export function cross<R>(call: Call<R>): R {
  const frame = currentFrame()
  if (!frame) return call.perform(EMPTY)
  const { execution } = frame
  const path = call.implied ? frame.path : childPath(frame.path, frame.children++)
  // A pool's callback has the stack of the call that led to it, and none of its own worth keeping.
  const site = frame.site ?? captureSite(cross)
  const advance = !call.implied && frame !== runtime.ambient
  if (execution.player) {
    const reply = execution.player.reply(call, {
      path,
      get line() {
        return appLine(site.stack)
      },
    })
    if (advance) runtime.frames.enterWith(after(frame, path))
    return call.answer(reply)
  }
  if (frame === runtime.ambient) for (const open of runtime.open) open.unattributed++
  const observer = execution.open(call, path, site)
  const result = runtime.frames.run({ ...frame, inside: true }, () => call.perform(observer))
  if (advance) runtime.frames.enterWith(after(frame, path))
  return result
}

/** What follows an effect in the program is asked from below it. */
function after(frame: Frame, path: string): Frame {
  return { execution: frame.execution, path, children: 0, inside: false, ...(frame.library && { library: true }) }
}

/** `3` steps in a row without branching read `0*3`, so that a long sequence keeps a short path. */
function childPath(parent: string, ordinal: number): string {
  if (ordinal > 0) return parent === '' ? String(ordinal) : `${parent}/${ordinal}`
  const run = /(^|\/)0(?:\*(\d+))?$/.exec(parent)
  if (run) return `${parent.slice(0, run.index)}${run[1]}0*${Number(run[2] ?? 1) + 1}`
  return parent === '' ? '0' : `${parent}/0`
}

/** Deep enough for a driver below a query builder; V8's cost is by the frame. */
const FRAMES = 16

function captureSite(below: (...args: never[]) => unknown): Site {
  const site: { stack?: string } = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = FRAMES
  Error.captureStackTrace(site, below)
  Error.stackTraceLimit = limit
  return site
}

/** Runs what a library does for itself while it answers: nothing of it is on the tape. */
export function inside<R>(step: () => R): R {
  const frame = currentFrame()
  return frame ? runtime.frames.run({ ...frame, inside: true }, step) : step()
}

/** Runs a library that crosses on its caller's behalf. The clocks it reads around that are its own business. */
export function library<R>(step: () => R): R {
  const frame = currentFrame()
  if (!frame || frame === runtime.ambient) return step()
  const own = likewise(frame, { library: true })
  let reached: Frame | undefined
  const result = runtime.frames.run(own, () => {
    const value = step()
    reached = runtime.frames.getStore()
    return value
  })
  if (reached && reached !== own) {
    const { library: _, ...advanced } = reached
    runtime.frames.enterWith(advanced)
  }
  return result
}

/** A clock read: from the recording, or real and noted. */
export function read<V extends number | string>(kind: ClockRead['kind'], real: () => V): V {
  const frame = currentFrame()
  if (!frame) return real()
  if (frame.execution.player) return frame.execution.player.read(kind, frame.path, frame.library === true) as V
  const value = real()
  if (!frame.library) frame.execution.noteRead(kind, value, frame.path)
  return value
}

/** A draw of randomness: from the recording, or real and noted. */
export function draw<V extends number | string>(
  kind: Draw['kind'],
  size: number | string | undefined,
  real: () => V,
): V {
  const frame = currentFrame()
  if (!frame) return real()
  if (frame.execution.player) return frame.execution.player.draw(kind, size, frame.path) as V
  const value = real()
  frame.execution.noteDraw(kind, size, value, frame.path)
  return value
}

/** An environment variable: from the recording, or this process's own and noted. */
export function variable(name: string, real: string | undefined): string | undefined {
  const frame = currentFrame()
  if (!frame) return real
  if (frame.execution.player) return frame.execution.player.variable(name, real)
  frame.execution.noteVariable(name, real)
  return real
}

/** A timer is set; returns what is to be told each time it fires, where somebody notes it. */
export function timer(delay: number, repeats: boolean): (() => boolean) | undefined {
  const frame = currentFrame()
  if (!frame || frame === runtime.ambient || frame.execution.player) return undefined
  return frame.execution.noteTimer(delay, repeats, frame.path)
}

/** A line the program logged; noted, never answered. */
export function log(level: Log['level'], args: readonly unknown[]): void {
  const frame = currentFrame()
  if (!frame || frame === runtime.ambient || frame.execution.player) return
  runtime.frames.run({ ...frame, inside: true }, () => frame.execution.noteLog(level, format(...args)))
}

/** No frame. `exit()` would not do: after a nested `run`, Node 20 shows the frame around it again. */
const OUTSIDE = undefined as unknown as Frame

/** The same place seen in another way. Both number what is asked from it together, so that no path occurs twice. */
function likewise(frame: Frame, seen: Pick<Frame, 'site' | 'library'>): Frame {
  return {
    ...frame,
    ...seen,
    get children() {
      return frame.children
    },
    set children(children) {
      frame.children = children
    },
  }
}

/**
 * Binds a callback to the caller's place in its execution.
 * @param seen keeps the caller's stack as well: for callbacks that ask for something the caller will be told of
 */
export function carry<A extends unknown[], R>(callback: (...args: A) => R, seen = false): (...args: A) => R {
  const frame = runtime.frames.getStore()
  if (frame?.inside) return callback
  if (!frame) {
    // A call outside any execution: what it leads to is outside as well, wherever the driver runs it.
    return function (this: unknown, ...args: A): R {
      return runtime.frames.run(OUTSIDE, () => callback.apply(this, args))
    }
  }
  const bound = seen ? likewise(frame, { site: captureSite(carry) }) : frame
  return function (this: unknown, ...args: A): R {
    return within(bound, callback, this, args)
  }
}
