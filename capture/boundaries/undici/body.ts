import { bytesOfChunk, type Enter } from '../../http-exchange.ts'
import { overlay } from '../../overlay.ts'
import { Chunks } from '../../response-tape.ts'

type Step = (...args: unknown[]) => unknown

interface Source {
  emit: Step
  _read: Step
  [Symbol.iterator]: () => Iterator<unknown>
  [Symbol.asyncIterator]: () => AsyncIterator<unknown>
}

/** The chunks of a body that is in memory; undefined for one that is produced while it is sent. */
export function knownChunks(body: unknown): Chunks | undefined {
  const chunks = new Chunks()
  if (body === undefined || body === null) return chunks
  const parts = Array.isArray(body) ? body.map(part => bytesOfChunk(part)) : [bytesOfChunk(body)]
  for (const part of parts) {
    if (part === undefined) return unreadable(body)
    if (part.byteLength > 0) chunks.add(part)
  }
  return chunks
}

/** Form data draws its boundary when it is sent: its bytes differ each time. */
function unreadable(body: unknown): Chunks | undefined {
  const source = body as Partial<Source>
  const streamed = typeof source.emit === 'function' || Symbol.asyncIterator in source || body instanceof Blob
  if (streamed || (Symbol.iterator in source && !isForm(source))) return undefined
  const chunks = new Chunks()
  chunks.omitted = 'a body of another kind than bytes, text or a stream'
  return chunks
}

function isForm(source: object): boolean {
  return Reflect.get(source, Symbol.toStringTag) === 'FormData'
}

/**
 * Watches a body while the driver sends it. What produces it is the program's own code, and runs at its place.
 * `eager` reads it at once, for one that is in memory: a request that never gets a connection never sends it.
 */
export function watchBody(
  body: unknown,
  {
    enter,
    eager,
    onChunk,
    onEnd,
  }: {
    readonly enter: Enter
    readonly eager: boolean
    onChunk(chunk: Uint8Array): void
    onEnd(): void
  },
): void {
  const source = body as Source
  const chunk = (value: unknown): void => {
    const bytes = bytesOfChunk(value)
    if (bytes && bytes.byteLength > 0) onChunk(bytes)
  }
  if (body instanceof Blob) {
    void body.arrayBuffer().then(bytes => {
      chunk(bytes)
      onEnd()
    }, onEnd)
    return
  }
  if (typeof source.emit === 'function') {
    overlay(source, 'emit', original => (...args) => {
      if (args[0] === 'data') chunk(args[1])
      else if (args[0] === 'end') onEnd()
      return enter(() => original.apply(source, args))
    })
    overlay(
      source,
      '_read',
      original =>
        (...args) =>
          enter(() => original.apply(source, args)),
    )
    return
  }
  const hear = (result: IteratorResult<unknown>): IteratorResult<unknown> => {
    if (result.done) onEnd()
    else chunk(result.value)
    return result
  }
  if (Symbol.asyncIterator in source) watchAsync(source, enter, hear, eager)
  else watchSync(source, enter, hear)
}

type Hear = (result: IteratorResult<unknown>) => IteratorResult<unknown>

function watchAsync(source: Source, enter: Enter, hear: Hear, eager: boolean): void {
  overlay(source, Symbol.asyncIterator, original => {
    const early: Promise<IteratorResult<unknown>>[] = []
    let iterator = eager ? original.call(source) : undefined
    const pull = (from: AsyncIterator<unknown>): void => {
      const result = from.next()
      early.push(result)
      result.then(
        heard => {
          if (!hear(heard).done) pull(from)
        },
        () => {},
      )
    }
    if (iterator) pull(iterator)
    return () => {
      iterator ??= original.call(source)
      const from = iterator
      const next = () => enter(() => from.next()) as Promise<IteratorResult<unknown>>
      return {
        next: () => early.shift() ?? (eager ? next() : next().then(hear)),
        return: value => from.return?.(value) ?? Promise.resolve({ done: true, value }),
      }
    }
  })
}

function watchSync(source: Source, enter: Enter, hear: Hear): void {
  overlay(source, Symbol.iterator, original => () => {
    const iterator = original.call(source)
    return {
      next: () => hear(enter(() => iterator.next()) as IteratorResult<unknown>),
      return: value => iterator.return?.(value) ?? { done: true, value },
    }
  })
}

/** Takes a whole body in, as sending it would. */
export async function drainBody(body: unknown): Promise<Chunks> {
  const known = knownChunks(body)
  if (known) return known
  const chunks = new Chunks()
  const source = body instanceof Blob ? [await body.arrayBuffer()] : (body as AsyncIterable<unknown>)
  for await (const value of source) {
    const bytes = bytesOfChunk(value)
    if (bytes && bytes.byteLength > 0) chunks.add(bytes)
  }
  return chunks
}
