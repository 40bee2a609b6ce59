import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { FluxError, isFluxError } from 'flux-fixtures'
import { CAPTURE_DEFAULTS, checkConfig } from './config-check.ts'
import type { ExecutionSummary } from './record/keep.ts'

/** What `flux.config.mjs` may say. Everything is optional, unknown keys are errors. */
export interface FluxConfig {
  /** Directory of the store, relative to the configuration; `.flux` when absent. */
  readonly store?: string
  /** Module and export by what starts it: `{ http: './src/app.ts#app' }`. */
  readonly entry?: Readonly<Record<string, string>>
  /** Folder of fixtures and their tests; `test/flux` when absent. */
  readonly fixtures?: string
  /** Guessed from package.json when absent. */
  readonly runner?: 'vitest' | 'jest'
  readonly capture?: CaptureConfig
  readonly sanitize?: SanitizeConfig
  /** Reserved: this version keeps no vault that could be sealed. */
  readonly seal?: { readonly recipients: readonly string[] }
}

export interface CaptureConfig {
  /** `failure` (the default) keeps failures, baselines and what is asked for; `always` everything; `never` turns capture off. */
  readonly when?: 'failure' | 'always' | 'never'
  /** Share of further successes to keep, from 0 to 1, once the first of each trigger is; 0 keeps none at all. Default 0.01. */
  readonly baseline?: number
  /** The most payload of one execution in memory: bytes, or `'512kb'`, `'1mb'`. Beyond it the recording is dropped. Default 1 MB. */
  readonly maxBytes?: number | string
  /** How many failures of one kind a process keeps. Default 20. */
  readonly perFingerprint?: number
  /** Whether answers carry `x-flux-execution-id`. Default true. */
  readonly header?: boolean
  /** Asked about each success when it is over: true keeps it. */
  readonly keep?: (execution: ExecutionSummary) => boolean
  /** How long to wait for what an execution left under way, in milliseconds. Default 5,000. */
  readonly drainMs?: number
}

export interface SanitizeConfig {
  /** `strict` cannot be followed yet: capture stays off with it. */
  readonly policy?: 'detectors' | 'strict'
  /** JSON pointers into a recording that stay as they are. Not followed yet: what is found there is replaced. */
  readonly keep?: readonly string[]
  /** Cannot be followed yet: capture stays off with any. */
  readonly rules?: readonly object[]
}

/** {@link CaptureConfig} with its defaults; sizes in bytes. */
export interface CaptureSettings extends Required<Omit<CaptureConfig, 'keep' | 'maxBytes'>> {
  readonly maxBytes: number
  readonly keep?: CaptureConfig['keep']
}

/** A configuration with its defaults; paths absolute. */
export interface Settings extends Omit<FluxConfig, 'capture'> {
  /** The file it came from; undefined when there is none. */
  readonly file: string | undefined
  /** The directory that paths are relative to. */
  readonly root: string
  readonly store: string
  readonly entry: Readonly<Record<string, string>>
  readonly fixtures: string
  readonly sanitize: SanitizeConfig
  readonly capture: CaptureSettings
}

const NAMES = ['flux.config.mjs', 'flux.config.js', 'flux.config.json', 'flux.config.ts']

/** Types a configuration, and returns it as it is. */
export function defineConfig(config: FluxConfig): FluxConfig {
  return config
}

/**
 * Reads the configuration of a directory, or the file that `FLUX_CONFIG` names. `FLUX_STORE` overrides `store`.
 *
 * @throws FluxError `FLUX_CONFIG` when it cannot be read or says something that Flux does not know.
 */
export function loadConfig(directory: string = process.cwd(), env: NodeJS.ProcessEnv = process.env): Settings {
  const file = findConfig(directory, env.FLUX_CONFIG)
  const config = file === undefined ? {} : checkConfig(readConfig(file), file)
  const root = file === undefined ? resolve(directory) : dirname(file)
  const store = env.FLUX_STORE ? resolve(directory, env.FLUX_STORE) : pathOf(root, config.store ?? '.flux')
  return {
    ...config,
    file,
    root,
    store,
    entry: config.entry ?? {},
    fixtures: resolve(root, config.fixtures ?? 'test/flux'),
    sanitize: config.sanitize ?? {},
    capture: { ...CAPTURE_DEFAULTS, ...config.capture, maxBytes: sizeOf(config.capture?.maxBytes) },
  }
}

function findConfig(directory: string, named: string | undefined): string | undefined {
  if (named) {
    const file = resolve(directory, named)
    if (!existsSync(file)) throw new FluxError('FLUX_CONFIG', `FLUX_CONFIG names ${file}, which does not exist.`)
    return file
  }
  return NAMES.map(name => resolve(directory, name)).find(file => existsSync(file))
}

function readConfig(file: string): unknown {
  try {
    if (file.endsWith('.json')) return JSON.parse(readFileSync(file, 'utf8'))
    const loaded = createRequire(file)(file) as { default?: unknown; __esModule?: unknown }
    return loaded.default ?? loaded
  } catch (error) {
    if (isFluxError(error)) throw error
    const reason = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)
    throw new FluxError('FLUX_CONFIG', `${file} cannot be read: ${reason}`, { cause: error })
  }
}

/** Whether a store is named by its address, `s3://bucket`, and is no directory. */
export function isAddress(store: string): boolean {
  return /^[a-z][a-z0-9+]+:\/\//i.test(store)
}

/** Stores that are no directory keep their address. */
function pathOf(root: string, store: string): string {
  return isAbsolute(store) || isAddress(store) ? store : join(root, store)
}

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

function sizeOf(size: number | string = '1mb'): number {
  if (typeof size === 'number') return size
  const [, amount, unit] = /^([\d.]+)\s*([kmg]?b)$/i.exec(size) ?? []
  return Math.floor(Number(amount) * (UNITS[unit?.toLowerCase() ?? 'b'] ?? 1))
}
