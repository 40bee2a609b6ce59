import type { Failure, Recording } from 'flux-fixtures'
import type { CaptureSettings } from '../config.ts'

/** What `capture.keep` in the configuration is asked about. */
export interface ExecutionSummary {
  readonly id: string
  /** `POST /orders/:id`, or the name given to `flux.wrap`. */
  readonly trigger: string
  readonly failed: boolean
  /** HTTP status, when there was one. */
  readonly status?: number
  readonly error?: { readonly class: string; readonly message: string }
  readonly durationMs: number
  /** How many effects it asked for. */
  readonly effects: number
}

/** Why an execution is kept, or why it is not. */
export type Decision = { readonly kept: Recording['kept'] } | { readonly dropped: string }

/** Kinds that are told apart; a flood of invented paths must not fill the memory. */
const MAX_KINDS = 1000
const random = Math.random

/** Decides which executions of a process are kept. */
export class KeepPolicy {
  readonly #settings: CaptureSettings
  readonly #failures = new Map<string, number>()
  readonly #succeeded = new Set<string>()

  constructor(settings: CaptureSettings) {
    this.#settings = settings
  }

  /**
   * @param summary asked for only when there is a predicate
   * @param succeeded a success that tells what an answer looks like: not a refused one
   */
  decide(
    name: string,
    failure: Failure | undefined,
    asked: { readonly requested: boolean; readonly donor: boolean; readonly summary: () => ExecutionSummary },
  ): Decision {
    const requested = asked.requested || this.#settings.when === 'always'
    if (failure) {
      if (this.#hasRoom(fingerprintOf(name, failure))) return { kept: 'failure' }
      return requested ? { kept: 'failure' } : { dropped: 'perFingerprint' }
    }
    if (requested || this.#predicate(asked.summary)) return { kept: 'requested' }
    if (!asked.donor) return { dropped: 'notAsked' }
    return this.#isBaseline(name) ? { kept: 'baseline' } : { dropped: 'notAsked' }
  }

  #hasRoom(fingerprint: string): boolean {
    const seen = this.#failures.get(fingerprint) ?? 0
    if (seen >= this.#settings.perFingerprint) return false
    if (seen === 0 && this.#failures.size >= MAX_KINDS) return false
    this.#failures.set(fingerprint, seen + 1)
    return true
  }

  #isBaseline(name: string): boolean {
    if (this.#settings.baseline <= 0) return false
    if (!this.#succeeded.has(name) && this.#succeeded.size < MAX_KINDS) {
      this.#succeeded.add(name)
      return true
    }
    return random() < this.#settings.baseline
  }

  #predicate(summary: () => ExecutionSummary): boolean {
    try {
      return this.#settings.keep?.(summary()) === true
    } catch {
      return false
    }
  }
}

/** Equal for failures of one kind: class, message without its data and frame, or status; and what it happened in. */
export function fingerprintOf(name: string, failure: Failure): string {
  const { error } = failure
  const cause = error ? `${error.class} ${withoutData(error.message)} ${error.frame ?? ''}` : ''
  return `${name} ${failure.kind} ${failure.status ?? ''} ${cause}`
}

function withoutData(message: string): string {
  return message
    .slice(0, 300)
    .replace(/(["'`]).*?\1/g, '*')
    .replace(/[0-9a-f]{8}[0-9a-f-]{8,}/gi, '*')
    .replace(/\d+/g, '*')
}
