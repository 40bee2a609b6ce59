import { createHook } from 'node:async_hooks'
import zlib from 'node:zlib'
import type { Patches } from 'flux-capture/internal'

/** Requests to the system that end by themselves: while one is under way the program is not waiting for Flux. */
const ONE_SHOT = new Set([
  'FSREQCALLBACK',
  'FSREQPROMISE',
  'GETADDRINFOREQWRAP',
  'GETNAMEINFOREQWRAP',
  'QUERYWRAP',
  'PBKDF2REQUEST',
  'SCRYPTREQUEST',
  'RANDOMBYTESREQUEST',
  'RANDOMPRIMEREQUEST',
  'CHECKPRIMEREQUEST',
  'HASHREQUEST',
  'CIPHERREQUEST',
  'SIGNREQUEST',
  'DERIVEBITSREQUEST',
  'KEYGENREQUEST',
  'KEYPAIRGENREQUEST',
  'KEYEXPORTREQUEST',
  'HMACREQUEST',
  'Immediate',
])
const QUIET_TURNS = 3
const nextTurn = setImmediate

/** Tells when the program has nothing left to do but wait. */
export class Quiet {
  readonly #pending = new Set<number>()
  readonly #extraPending: () => number
  readonly #hook
  #activity = 0
  #seen = 0
  #turns = 0
  #own = false
  #ports = 0

  /** @param extraPending what else is under way, such as the runner's dynamic imports */
  constructor(patches: Patches, extraPending: () => number = () => 0) {
    this.#extraPending = extraPending
    this.#hook = createHook({
      init: (id, type) => {
        if (type === 'PROMISE' || this.#own) return
        if (ONE_SHOT.has(type)) this.#pending.add(id)
        this.#activity++
      },
      before: id => this.#ended(id),
      destroy: id => this.#ended(id),
    })
    this.#trackCompression(patches)
  }

  start(): void {
    this.#pending.clear()
    this.#ports = portsInUse()
    this.#hook.enable()
  }

  stop(): void {
    this.#hook.disable()
  }

  /** Something happened that Flux itself caused. */
  touch(): void {
    this.#activity++
  }

  /** Calls back in the next macrotask; not counted as the program's. */
  turn(callback: () => void): void {
    this.#own = true
    nextTurn(callback)
    this.#own = false
  }

  /** Asked once a turn: whether nothing has happened for some turns and nothing is under way. */
  get quiet(): boolean {
    if (this.#pending.size > 0 || this.#extraPending() > 0 || this.#activity !== this.#seen) {
      this.#seen = this.#activity
      this.#turns = 0
      return false
    }
    return ++this.#turns >= QUIET_TURNS && portsInUse() <= this.#ports
  }

  #ended(id: number): void {
    if (this.#pending.delete(id)) this.#activity++
  }

  /** A zlib handle lives long and works in the thread pool between its `write` and its callback. */
  #trackCompression(patches: Patches): void {
    for (const stream of [zlib.createGunzip(), zlib.createBrotliCompress(), zlib.createBrotliDecompress()]) {
      const handle = (stream as unknown as { _handle: Handle })._handle
      const prototype = Object.getPrototypeOf(handle) as Handle
      const pending = this.#pending
      patches.replace(prototype, 'write', original => {
        return function (this: Handle, ...args: unknown[]) {
          pending.add(this.getAsyncId())
          return original.apply(this, args)
        }
      })
      stream.close()
    }
  }
}

/** A worker that the program waits for keeps a port referenced; so does an `import()` that a loader's thread resolves. */
function portsInUse(): number {
  return process.getActiveResourcesInfo().filter(name => name === 'MessagePort').length
}

interface Handle {
  write(...args: unknown[]): unknown
  getAsyncId(): number
}
