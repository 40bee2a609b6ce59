/** What a program saw, as plain data: equal in production and in a replay. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import * as zlib from 'node:zlib'
import { AxiosError } from 'axios'
import { errors } from 'undici'

type Plain = unknown

const SHOWN_BYTES = 4_000
const nextTurn = setImmediate

/** The stack is of the process; axios hangs half a client on its errors. */
const OWN_WORLD = new Set(['stack', 'message', 'config', 'request', 'response'])

/** An error with everything that a program can tell it by. */
export function describeError(error: unknown, depth = 0): Plain {
  if (!(error instanceof Error)) return plain(error, depth)
  const own: Record<string, Plain> = {}
  for (const key of Object.getOwnPropertyNames(error).sort()) {
    if (!OWN_WORLD.has(key)) own[key] = plain(Reflect.get(error, key), depth + 1)
  }
  return {
    class: error.constructor.name,
    instanceOf: CLASSES.filter(([, candidate]) => error instanceof candidate).map(([name]) => name),
    name: error.name,
    message: error.message,
    text: String(error),
    ...own,
    shown: Object.keys(error).sort(),
  }
}

/** What programs ask `instanceof` of. */
const CLASSES: readonly (readonly [string, new (...args: never[]) => Error])[] = [
  ...Object.entries({ Error, TypeError, SyntaxError, RangeError, AggregateError, DOMException, AxiosError }),
  ...Object.entries(errors as unknown as Record<string, new () => Error>),
]

function plain(value: unknown, depth: number): Plain {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol' || typeof value === 'bigint' || value === undefined) return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return depth > 5 ? value.name : describeError(value, depth)
  if (value instanceof Uint8Array) return describeBytes([value])
  if (Array.isArray(value)) return value.map(item => plain(item, depth + 1))
  const prototype = Object.getPrototypeOf(value)
  if (depth > 5 || (prototype !== Object.prototype && prototype !== null)) return `a ${value.constructor?.name}`
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map(key => [key, plain(Reflect.get(value, key), depth + 1)]),
  )
}

/** Chunks by size and content; a digest stands for many bytes. Empty ones, which undici makes now and then, say nothing. */
export function describeBytes(chunks: readonly Uint8Array[], encoding?: unknown): Plain {
  const bytes = Buffer.concat(chunks)
  const undone = decompressed(bytes, encoding)
  if (undone !== undefined) return { undone }
  const content =
    bytes.length > SHOWN_BYTES ? createHash('sha256').update(bytes).digest('hex') : bytes.toString('latin1')
  return { sizes: chunks.flatMap(({ byteLength }) => byteLength || []), content }
}

/** A body is compressed again in a replay: to other bytes with the same content. */
function decompressed(bytes: Buffer, encoding: unknown): string | undefined {
  const undo = UNDO[String(encoding)]
  if (!undo || bytes.length === 0) return undefined
  try {
    return undo(bytes).toString()
  } catch {
    return undefined
  }
}

const UNDO: Readonly<Record<string, ((bytes: Buffer) => Buffer) | undefined>> = {
  gzip: zlib.gunzipSync,
  br: zlib.brotliDecompressSync,
  deflate: zlib.inflateSync,
  zstd: Reflect.get(zlib, 'zstdDecompressSync') as ((bytes: Buffer) => Buffer) | undefined,
}

/** Header lines in their order. A body is compressed again in a replay, which may take a byte more or less. */
export function describeHeaders(lines: Iterable<readonly unknown[]>): Plain {
  const pairs = [...lines]
  const compressed = pairs.some(([name]) => /^x-encoded$/i.test(String(name)))
  return pairs.map(([name, value]) => [name, compressed && /^content-length$/i.test(String(name)) ? 'a length' : value])
}

/** Everything one run saw, in the order in which it saw it. */
export class Trace {
  readonly #events: Plain[] = []

  /** @returns takes the event back */
  note(event: string, ...details: Plain[]): () => void {
    const noted = [event, ...details]
    this.#events.push(noted)
    return () => {
      this.#events.splice(this.#events.indexOf(noted), 1)
    }
  }

  fail(where: string, error: unknown): void {
    this.note(where, describeError(error))
  }

  get events(): readonly Plain[] {
    return this.#events
  }
}

/** What nobody caught, by the run it belongs to. */
const running = new AsyncLocalStorage<Trace>()
/** What nobody caught and belongs to no run. */
export const strays: Plain[] = []

/** Runs a scenario; what it leaves uncaught, soon after its end as well, is part of the trace. */
export async function traced(run: (trace: Trace) => Promise<unknown>): Promise<readonly Plain[]> {
  const trace = new Trace()
  const listeners = (['unhandledRejection', 'uncaughtException'] as const).map(event => {
    const listener = (error: unknown) => {
      const current = running.getStore()
      if (current === trace) trace.fail(event, error)
      else if (current === undefined) strays.push([event, describeError(error)])
    }
    process.on(event as 'uncaughtException', listener)
    return { event, listener }
  })
  try {
    await running.run(trace, async () => {
      try {
        await run(trace)
      } catch (error) {
        trace.fail('thrown', error)
      }
    })
    for (let turn = 0; turn < 5; turn++) await new Promise(resolve => nextTurn(resolve))
  } finally {
    for (const { event, listener } of listeners) process.off(event, listener)
  }
  return trace.events
}
