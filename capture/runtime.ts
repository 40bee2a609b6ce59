import { AsyncLocalStorage } from 'node:async_hooks'
import { FluxError } from 'flux-fixtures'
import type { Execution, Site } from './execution.ts'
import type { Recorder } from './record/recorder.ts'

export const VERSION = '0.1.0'

/** Where the program stands: carried along its asynchronous calls. */
export interface Frame {
  readonly execution: Execution
  /** Causal path of what is asked from here. */
  readonly path: string
  /** How many effects were asked from here. */
  children: number
  /** Set while a boundary performs: what a driver does there is its own business. */
  readonly inside: boolean
  /** Set while a library works around its crossings: its clock reads are its own business. */
  readonly library?: true
  /** The stack of the call that led here, where a pool cut the chain. */
  readonly site?: Site
}

/** State shared by every copy of the package in the process, and by a jest sandbox. */
export interface Runtime {
  readonly version: string
  readonly from: string
  readonly frames: AsyncLocalStorage<Frame>
  /** Where calls outside any execution go; absent when Flux is not installed. */
  ambient: Frame | undefined
  /** Undoes the installation; absent when Flux is not installed. */
  uninstall: (() => void) | undefined
  /** Executions being recorded. */
  readonly open: Set<Execution>
  /** Begins and keeps executions; absent in a replay and where nothing is captured. */
  recorder: Recorder | undefined
}

export const RUNTIME = Symbol.for('flux.runtime')

type Global = typeof globalThis & { [RUNTIME]?: Runtime }

function obtain(): Runtime {
  const shared = (globalThis as Global)[RUNTIME]
  if (shared) {
    if (shared.version === VERSION) return shared
    throw new FluxError(
      'FLUX_TWO_COPIES',
      `Two versions of flux-capture are loaded: ${shared.version} from ${shared.from} and ${VERSION} from ${import.meta.url}.`,
    )
  }
  const created: Runtime = {
    version: VERSION,
    from: import.meta.url,
    frames: new AsyncLocalStorage(),
    ambient: undefined,
    uninstall: undefined,
    open: new Set(),
    recorder: undefined,
  }
  Object.defineProperty(globalThis, RUNTIME, { value: created, enumerable: false, configurable: true })
  return created
}

export const runtime: Runtime = obtain()
