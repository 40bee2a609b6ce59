import { types } from 'node:util'
import { decode, encode, isRawBody, type Json, type RawBody, type Recording } from 'flux-fixtures'

const ENCODED = '$flux-parcel'

/** Objects and arrays that are copied; copying is done on the thread of the program. */
const MAX_CONTAINERS = 10_000
const MAX_ITEMS = 200_000
/** Levels that are copied; what is below is for {@link encode}, which has a limit of its own. */
const MAX_COPIED_LEVELS = 250

function standIn(reason: string): unknown {
  return { [ENCODED]: { $flux: 'Opaque', type: 'object', reason } }
}

/** One object for all, so that it is cloned once. */
const TOO_MANY = standIn(`one of more than ${MAX_CONTAINERS} objects`)

interface State {
  readonly seen: Map<object, unknown>
  containers: number
  level: number
}

/**
 * A copy that survives the way to another thread. Structured cloning loses what errors and instances of classes carry:
 * whatever is not plain data is encoded, bodies go as bytes of their own. What cannot be read, and what is too large to be copied
 * between two turns of the event loop, becomes a stand-in. Never throws.
 */
export function pack(value: unknown): unknown {
  return packed(value, { seen: new Map(), containers: 0, level: 0 })
}

/** {@link pack} for a recording: what a program was given and gives back may be of any size, the rest the recorder has bounded. */
export function packRecording({ trigger, ending, ...rest }: Recording): unknown {
  const bounded = packed(rest, { seen: new Map(), containers: Number.NEGATIVE_INFINITY, level: 0 })
  return { ...(bounded as object), trigger: pack(trigger), ending: pack(ending) }
}

function packed(value: unknown, state: State): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return { [ENCODED]: encode(value) }
  if (typeof value !== 'object' || value === null) return value
  const { seen } = state
  if (seen.has(value)) return seen.get(value)
  if (++state.containers > MAX_CONTAINERS) return TOO_MANY
  if (types.isProxy(value)) return standIn('a proxy')
  state.level++
  try {
    return packedObject(value, state)
  } catch {
    return standIn('could not be read')
  } finally {
    state.level--
  }
}

function packedObject(value: object, state: State): unknown {
  if (isRawBody(value)) return packedBody(value)
  if (state.level > MAX_COPIED_LEVELS) return standIn(`nested deeper than ${MAX_COPIED_LEVELS} levels`)
  if (Array.isArray(value)) {
    if (value.length > MAX_ITEMS) return standIn(`an array of more than ${MAX_ITEMS} items`)
    const copy: unknown[] = []
    state.seen.set(value, copy)
    for (let index = 0; index < value.length; index++) copy.push(packed(value[index], state))
    return copy
  }
  const descriptors = plainDescriptors(value)
  if (descriptors === undefined) return encodedInstance(value, state)
  const copy: Record<string, unknown> = {}
  state.seen.set(value, copy)
  for (const key of Object.keys(descriptors)) {
    const { enumerable, value: inner } = descriptors[key] as PropertyDescriptor
    if (enumerable) set(copy, key, packed(inner, state))
  }
  return copy
}

/** An instance of a class counts with everything in it. */
function encodedInstance(value: object, state: State): unknown {
  const encoded = encode(value)
  state.containers += containersIn(encoded)
  return state.containers > MAX_CONTAINERS * 2 ? TOO_MANY : { [ENCODED]: encoded }
}

function containersIn(encoded: Json): number {
  if (typeof encoded !== 'object' || encoded === null) return 0
  let count = 1
  for (const inner of Object.values(encoded)) count += containersIn(inner)
  return count
}

/** Chunks are often views on memory that Node shares between sockets. */
function packedBody(body: RawBody): RawBody {
  return { ...body, raw: body.raw.map(chunk => new Uint8Array(chunk)) }
}

/** The members of plain data; undefined for instances, and where a member is computed. */
function plainDescriptors(value: object): Record<string, PropertyDescriptor> | undefined {
  const prototype = Object.getPrototypeOf(value)
  if ((prototype !== Object.prototype && prototype !== null) || Object.hasOwn(value, ENCODED)) return undefined
  const descriptors = Object.getOwnPropertyDescriptors(value)
  for (const key of Object.keys(descriptors)) if (!('value' in (descriptors[key] as object))) return undefined
  return descriptors
}

/** What {@link pack} was given, as far as it can be had in another thread. */
export function unpack(value: unknown): unknown {
  return unpacked(value, new Set())
}

function unpacked(value: unknown, seen: Set<object>): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (Object.hasOwn(value, ENCODED)) return decode((value as Record<string, Json>)[ENCODED] as Json)
  if (seen.has(value)) return value
  seen.add(value)
  const container = value as Record<string, unknown>
  for (const key of Object.keys(container)) set(container, key, unpacked(container[key], seen))
  return value
}

/** An assignment to `__proto__` would set the prototype. */
function set(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}
