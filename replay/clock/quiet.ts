import { AsyncResource, createHook } from 'node:async_hooks'
import zlib from 'node:zlib'
import type { Patches } from 'flux-capture/internal'

/**
 * Work of `node:crypto` in the thread pool: while a job is under way the program is not waiting for Flux. It ends with a
 * callback; a synchronous job has none, and is over when its call returns.
 */
const JOB = /^(?!HTTP).*REQUEST$/
/** What Node itself lists while it is under way: requests to the file system and for names. */
const REQUEST = /Req(?:Wrap|Callback|Promise)?$|^QueryWrap$/
const QUIET_TURNS = 3
const SPINNING_TURNS = 200
const nextTurn = setImmediate

/** Tells when the program has nothing left to do but wait. */
export class Quiet {
  readonly #jobs = new Map<number, Job>()
  readonly #extraPending: () => number
  readonly #hook
  #activity = 0
  #seen = 0
  #turns = 0
  #spun = 0
  #own = false
  #scheduled = 0
  #ports = 0

  /** @param extraPending what else is under way, such as the runner's dynamic imports */
  constructor(patches: Patches, extraPending: () => number = () => 0) {
    this.#extraPending = extraPending
    this.#hook = createHook({
      init: (id, type, _trigger, resource) => {
        if (type === 'PROMISE' || this.#own) return
        if (JOB.test(type)) this.#jobs.set(id, resource as Job)
        else if (isOfAddon(type, resource)) this.#jobs.set(id, UNTIL_CALLED)
        this.#activity++
      },
      before: id => {
        if (this.#jobs.delete(id)) this.#activity++
      },
    })
    this.#trackCompression(patches)
  }

  start(): void {
    this.#jobs.clear()
    this.#ports = portsIn(process.getActiveResourcesInfo())
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
    this.#scheduled++
    nextTurn(() => {
      this.#scheduled--
      callback()
    })
    this.#own = false
  }

  /** Asked once a turn: whether nothing has happened for some turns and nothing is under way. */
  get quiet(): boolean {
    const listed = process.getActiveResourcesInfo()
    const immediates = listed.filter(name => name === 'Immediate').length - this.#scheduled
    const requests = listed.filter(name => REQUEST.test(name)).length + this.#jobsUnderWay() + this.#extraPending()
    if (immediates > 0 || requests > 0 || this.#activity !== this.#seen) {
      this.#spun = requests === 0 ? this.#spun + 1 : 0
      this.#seen = this.#activity
      this.#turns = 0
      return false
    }
    this.#spun = 0
    return ++this.#turns >= QUIET_TURNS && portsIn(listed) <= this.#ports
  }

  /** Nothing is under way but immediates that follow each other for ever, such as those of a loop that polls. */
  get isSpinning(): boolean {
    return this.#spun > SPINNING_TURNS
  }

  /** A job that has no callback by now was synchronous. */
  #jobsUnderWay(): number {
    for (const [id, job] of this.#jobs) if (typeof job.ondone !== 'function') this.#jobs.delete(id)
    return this.#jobs.size
  }

  /** A zlib handle lives long and works in the thread pool between its `write` and its callback. */
  #trackCompression(patches: Patches): void {
    for (const stream of [zlib.createGunzip(), zlib.createBrotliCompress(), zlib.createBrotliDecompress()]) {
      const handle = (stream as unknown as { _handle: Handle })._handle
      const prototype = Object.getPrototypeOf(handle) as Handle
      const jobs = this.#jobs
      patches.replace(prototype, 'write', original => {
        return function (this: Handle, ...args: unknown[]) {
          jobs.set(this.getAsyncId(), UNTIL_CALLED)
          return original.apply(this, args)
        }
      })
      stream.close()
    }
  }
}

/** A worker that the program waits for keeps a port referenced; so does an `import()` that a loader's thread resolves. */
function portsIn(listed: readonly string[]): number {
  return listed.filter(name => name === 'MessagePort').length
}

interface Job {
  readonly ondone?: unknown
}
/** A job that ends with a callback. */
const UNTIL_CALLED: Job = { ondone: () => {} }

const NAMED_BY_NODE = new Set(['Immediate', 'Timeout', 'TickObject', 'Microtask'])

/** Work that a native addon such as bcrypt has in the thread pool: named by the addon, and no resource of JavaScript's. */
function isOfAddon(type: string, resource: object): boolean {
  return /[a-z]/.test(type) && !NAMED_BY_NODE.has(type) && !(resource instanceof AsyncResource)
}

interface Handle {
  write(...args: unknown[]): unknown
  getAsyncId(): number
}
