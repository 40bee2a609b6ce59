import { Worker } from 'node:worker_threads'
import { isFluxError, type Recording } from 'flux-fixtures'
import { outside } from '../scope.ts'
import { type DepositSettings, openDeposit } from './deposit.ts'
import { packRecording } from './parcel.ts'

const MAX_WAITING = 1000
const MAX_WAITING_BYTES = 32 * 1024 * 1024
const WORKER = new URL('./worker.js', import.meta.url)

/** What the worker says of a recording. */
export interface Receipt {
  readonly id: string
  /** Why it was not written. */
  readonly error?: string
}

/** Has recordings sanitized and written on a thread of their own, which starts with the first of them. */
export class Writer {
  readonly #settings: DepositSettings
  readonly #say: (line: string) => void
  readonly #waiting = new Map<string, { readonly recording: Recording; readonly bytes: number }>()
  #bytes = 0
  #worker: Worker | undefined
  #said = false
  failed = 0

  /** @param say puts one line where an operator sees it */
  constructor(settings: DepositSettings, say: (line: string) => void) {
    this.#settings = settings
    this.#say = say
  }

  /**
   * @param bytes size of its payload
   * @returns false when too much waits already
   */
  write(recording: Recording, bytes: number): boolean {
    if (this.#waiting.size >= MAX_WAITING || this.#bytes + bytes > MAX_WAITING_BYTES) return false
    this.#waiting.set(recording.id, { recording, bytes })
    this.#bytes += bytes
    outside(() => this.#post(recording))
    return true
  }

  /** Writes what waits, now, on this thread: the process is about to end. */
  flush(): void {
    if (this.#waiting.size === 0) return
    outside(() => {
      const deposit = openDeposit(this.#settings)
      for (const [id, { recording }] of [...this.#waiting]) {
        try {
          deposit.writeSync(recording)
          this.#settle(id)
        } catch (error) {
          this.#lose(id, error)
        }
      }
    })
  }

  #post(recording: Recording): void {
    try {
      this.#worker ??= this.#start()
      this.#worker.ref()
      this.#worker.postMessage(packRecording(recording))
    } catch (error) {
      this.#lose(recording.id, error)
    }
  }

  /** The preload of the program must not run in the worker. */
  #start(): Worker {
    const worker = new Worker(WORKER, {
      workerData: this.#settings,
      execArgv: [],
      env: { FLUX: 'off' },
      stdout: false,
      name: 'flux',
    })
    worker.on('message', ({ id, error }: Receipt) => {
      if (error === undefined) this.#settle(id)
      else this.#lose(id, error)
      if (this.#waiting.size === 0) worker.unref()
    })
    worker.on('error', error => {
      if (this.#worker === worker) this.#worker = undefined
      for (const id of [...this.#waiting.keys()]) this.#lose(id, error)
    })
    return worker
  }

  #settle(id: string): boolean {
    this.#bytes -= this.#waiting.get(id)?.bytes ?? 0
    return this.#waiting.delete(id)
  }

  #lose(id: string, error: unknown): void {
    if (!this.#settle(id)) return
    this.failed++
    if (this.#said) return
    this.#said = true
    this.#say(`a recording could not be written: ${reasonOf(error)}`)
  }
}

/** In words that hold nothing of the recording: other errors may quote what they were about. */
export function reasonOf(error: unknown): string {
  if (isFluxError(error)) return error.message
  if (typeof error === 'string') return error
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (typeof code === 'string' && typeof syscall === 'string') return `${syscall} failed with ${code}`
  return typeof code === 'string' ? code : 'an internal error'
}
