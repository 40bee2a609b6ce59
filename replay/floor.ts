import childProcess from 'node:child_process'
import dgram from 'node:dgram'
import dns from 'node:dns'
import fs from 'node:fs'
import net from 'node:net'
import { appLine, currentFrame, type Patches, runtime } from 'flux-capture/internal'
import { FluxError } from 'flux-fixtures'

/** Something the program tried to perform in a replay. */
export interface Leak {
  readonly kind: 'socket' | 'datagram' | 'dns' | 'spawn' | 'file-write'
  readonly target: string
  readonly line?: string
}

/** The execution in which nock is asked. What it lets through is refused here, and is no leak of the program. */
export const NOCK = 'nock'

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown
type Methods = Record<string, AnyFunction>

/**
 * Lies under all boundaries: in a replay nothing may connect, resolve, spawn or write, whatever a boundary forgot. The
 * call fails in the caller's channel and is remembered, so that a `catch` cannot make it vanish.
 */
export class Floor {
  readonly #leaks: Leak[] = []

  constructor(patches: Patches) {
    this.#sockets(patches)
    this.#names(patches)
    this.#processes(patches)
    this.#files(patches)
  }

  /** Takes what was refused since the last call. */
  take(): Leak[] {
    return this.#leaks.splice(0)
  }

  get count(): number {
    return this.#leaks.length
  }

  #refuse(kind: Leak['kind'], target: string): FluxError {
    const site: { stack?: string } = {}
    Error.captureStackTrace(site)
    const line = appLine(site.stack)
    if (runtime.frames.getStore()?.execution.id === NOCK) return new FluxError('FLUX_LEAK', 'nock has no match.')
    this.#leaks.push({ kind, target, ...(line !== undefined && { line }) })
    return new FluxError('FLUX_LEAK', `Refused in a replay: ${kind} ${target}.`)
  }

  #sockets(patches: Patches): void {
    const refuse = (kind: Leak['kind'], target: string) => this.#refuse(kind, target)
    patches.replace(net.Socket.prototype as unknown as Methods, 'connect', () => {
      return function (this: unknown, ...args: unknown[]) {
        const socket = this as net.Socket
        const error = refuse('socket', addressOf(args))
        process.nextTick(() => socket.destroy(error))
        return socket
      }
    })
    for (const method of ['send', 'bind', 'connect']) {
      patches.replace(dgram.Socket.prototype as unknown as Methods, method, () => {
        return function (this: unknown) {
          const error = refuse('datagram', method)
          process.nextTick(() => (this as dgram.Socket).emit('error', error))
          return this
        }
      })
    }
    listenNowhere(patches)
  }

  #names(patches: Patches): void {
    for (const name of Object.keys(dns).filter(key => /^(lookup|resolve|reverse)/.test(key))) {
      patches.replace(dns as unknown as Methods, name, () => (...args: unknown[]) => {
        const error = this.#refuse('dns', String(args[0]))
        const callback = args.at(-1)
        if (typeof callback !== 'function') throw error
        process.nextTick(() => callback(error))
        return undefined
      })
    }
    for (const name of Object.keys(dns.promises).filter(key => /^(lookup|resolve|reverse)/.test(key))) {
      patches.replace(dns.promises as unknown as Methods, name, () => async (...args: unknown[]) => {
        throw this.#refuse('dns', String(args[0]))
      })
    }
  }

  #processes(patches: Patches): void {
    patches.replace(childProcess.ChildProcess.prototype as unknown as Methods, 'spawn', () => {
      return (...args: unknown[]) => {
        throw this.#refuse('spawn', (args[0] as { file?: string } | undefined)?.file ?? 'a process')
      }
    })
    for (const name of ['spawnSync', 'execSync', 'execFileSync']) {
      patches.replace(childProcess as unknown as Methods, name, () => (...args: unknown[]) => {
        throw this.#refuse('spawn', String(args[0]))
      })
    }
  }

  /** Files that a runner, a transform or a coverage tool writes are not the program's: only an execution's are refused. */
  #files(patches: Patches): void {
    const names =
      'appendFile chmod chown copyFile cp link mkdir mkdtemp rename rm rmdir symlink truncate unlink utimes writeFile'.split(
        ' ',
      )
    for (const name of names) {
      this.#file(patches, fs as unknown as Methods, name, 'callback')
      this.#file(patches, fs as unknown as Methods, `${name}Sync`, 'throw')
      this.#file(patches, fs.promises as unknown as Methods, name, 'promise')
    }
    this.#file(patches, fs as unknown as Methods, 'createWriteStream', 'throw')
    this.#file(patches, fs as unknown as Methods, 'open', 'callback', isForWriting)
    this.#file(patches, fs as unknown as Methods, 'openSync', 'throw', isForWriting)
    this.#file(patches, fs.promises as unknown as Methods, 'open', 'promise', isForWriting)
  }

  #file(
    patches: Patches,
    target: Methods,
    name: string,
    channel: 'callback' | 'throw' | 'promise',
    writes: (args: readonly unknown[]) => boolean = () => true,
  ): void {
    patches.replace(target, name, original => {
      const refuse = (path: unknown) => this.#refuse('file-write', `${name} ${String(path)}`)
      return function (this: unknown, ...args: unknown[]) {
        if (!writes(args) || !isProgramCall()) return original.apply(this, args)
        const error = refuse(args[0])
        const callback = args.at(-1)
        if (channel === 'promise') return Promise.reject(error)
        if (channel === 'throw' || typeof callback !== 'function') throw error
        process.nextTick(() => callback(error))
        return undefined
      }
    })
  }
}

/** An app that listens when it is imported must not: nobody can connect to it here. It is told what it would be told. */
function listenNowhere(patches: Patches): void {
  const bound = new WeakMap<object, net.AddressInfo | string>()
  const prototype = net.Server.prototype as unknown as Methods
  patches.replace(prototype, 'listen', () => {
    return function (this: unknown, ...args: unknown[]) {
      const server = this as net.Server
      bound.set(server, placeOf(args))
      const ready = args.find(arg => typeof arg === 'function') as (() => void) | undefined
      if (ready) server.once('listening', ready)
      process.nextTick(() => server.emit('listening'))
      return this
    }
  })
  patches.replace(prototype, 'address', original => {
    return function (this: unknown) {
      return bound.get(this as object) ?? original.call(this)
    }
  })
  patches.replace(prototype, 'close', original => {
    return function (this: unknown, ...args: unknown[]) {
      const server = this as net.Server
      if (!bound.delete(server)) return original.apply(server, args)
      const [closed] = args
      if (typeof closed === 'function') server.once('close', closed as () => void)
      process.nextTick(() => server.emit('close'))
      return this
    }
  })
}

/** Any port will do where the program leaves it to the system. */
const SOME_PORT = 49_152

function placeOf([first, second]: readonly unknown[]): net.AddressInfo | string {
  const options = typeof first === 'object' && first !== null ? first : { port: first, host: second }
  const { port, host, path } = options as { port?: unknown; host?: unknown; path?: unknown }
  const pipe = path ?? (typeof port === 'string' && !/^\d+$/.test(port) ? port : undefined)
  if (typeof pipe === 'string') return pipe
  const address = typeof host === 'string' ? host : '::'
  return { address, family: net.isIPv4(address) ? 'IPv4' : 'IPv6', port: Number(port) || SOME_PORT }
}

/** Read-only is what Node opens without flags. */
function isForWriting([, flags]: readonly unknown[]): boolean {
  if (typeof flags === 'number')
    return (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT)) !== 0
  return typeof flags === 'string' && /[wa+]/.test(flags)
}

const TOOLS =
  /[\\/]node_modules[\\/](?:@?vite(?:st|-node)?|@vitest|@?jest(?:-[^\\/]+)?|@babel|@swc|esbuild|tsx|istanbul[^\\/]*|write-file-atomic|pirates)[\\/]/

function isProgramCall(): boolean {
  const frame = currentFrame()
  if (!frame || frame.execution.id === 'ambient') return false
  const site: { stack?: string } = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 40
  Error.captureStackTrace(site, isProgramCall)
  Error.stackTraceLimit = limit
  return !TOOLS.test(site.stack ?? '')
}

function addressOf(args: readonly unknown[]): string {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0]
  if (typeof first !== 'object' || first === null) return args.filter(arg => typeof arg !== 'function').join(':')
  const { host, port, path } = first as { host?: string; port?: number; path?: string }
  return path ?? `${host ?? 'localhost'}:${port ?? '?'}`
}
