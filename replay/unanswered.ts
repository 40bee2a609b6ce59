import type { Answer } from 'flux-capture/internal'
import { type Effect, type Entry, FluxError, looseSignature, type Outcome } from 'flux-fixtures'
import type { AskedLog, Miss } from './asked.ts'
import type { Release } from './release.ts'

/** Answers a call outside the recording, or declines. */
export type Beyond = (effect: Effect) => Promise<Outcome | undefined>

interface Waiting {
  readonly asked: Miss
  readonly blank: Answer['outcome']
  readonly resolve: (answer: Answer) => void
  /** Asked when the program had ended. */
  readonly afterEnd: boolean
  /** Already offered to what lies beyond the recording. */
  offered: boolean
}

/** The calls of a run that no entry answers. They wait until the program is quiet; there the verdict is decided. */
export class Unanswered {
  /** Calls at which the verdict was decided. */
  readonly misses: Miss[] = []
  /** Entries that had been consumed by then. */
  consumedAtMiss: ReadonlySet<Entry> | undefined
  /** Calls that still went unanswered when the program ended, and later ones: listed, and not waited for. */
  readonly late: Miss[] = []
  /** The first unanswered call that the program made before its end without waiting for it, and what was consumed then. */
  unawaited: { readonly miss: Miss; readonly consumed: ReadonlySet<Entry> } | undefined
  /** Called at the first miss. */
  onMiss: (() => void) | undefined
  readonly #options: { readonly blank: boolean; readonly beyond?: Beyond }
  readonly #log: AskedLog
  readonly #release: Release
  readonly #required: readonly Entry[]
  readonly #consumed: ReadonlySet<Entry>
  readonly #touch: () => void
  readonly #waiting: Waiting[] = []
  #offering = 0
  #refusing = false
  #ended = false

  /** @param touch called whenever something happens that Flux itself causes */
  constructor(
    options: { readonly blank: boolean; readonly beyond?: Beyond },
    log: AskedLog,
    release: Release,
    required: readonly Entry[],
    consumed: ReadonlySet<Entry>,
    touch: () => void,
  ) {
    this.#options = options
    this.#log = log
    this.#release = release
    this.#required = required
    this.#consumed = consumed
    this.#touch = touch
  }

  add(asked: Miss, blank: Answer['outcome'], afterEnd: boolean): Promise<Answer> {
    return new Promise(resolve => {
      this.#waiting.push({ asked, blank, resolve, afterEnd, offered: false })
    })
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Whether something beyond the recording is being asked right now. */
  get isOffering(): boolean {
    return this.#offering > 0
  }

  /** The program has ended: what it still asks decides nothing. */
  end(): void {
    this.#ended = true
  }

  get hasEnded(): boolean {
    return this.#ended
  }

  /** Once the verdict is decided nothing is waited for: the program may unwind. */
  refuseDecided(): void {
    if (this.#refusing) this.#refuseAll()
  }

  /** The program is quiet: what waits is offered beyond the recording, answered blank, or refused. */
  settle(): void {
    if (this.#ended) return this.#refuseLate()
    const unoffered = this.#waiting.filter(waiting => !waiting.offered)
    const { beyond, blank } = this.#options
    if (beyond && unoffered.length > 0) {
      for (const waiting of unoffered) this.#offer(waiting, beyond)
      return
    }
    if (blank) return this.#answerBlank()
    this.misses.push(...this.#waiting.map(waiting => waiting.asked))
    this.consumedAtMiss ??= new Set(this.#consumed)
    this.onMiss?.()
    this.#refusing = true
    this.#refuseAll()
  }

  #offer(waiting: Waiting, beyond: Beyond): void {
    waiting.offered = true
    this.#offering++
    void beyond(waiting.asked.effect)
      .catch(() => undefined)
      .then(outcome => {
        this.#offering--
        this.#touch()
        if (!outcome || outcome.status === 'pending') return
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        this.#log.note(waiting.asked, { source: 'nock' })
        void this.#release.soon(outcome).then(waiting.resolve)
      })
  }

  #answerBlank(): void {
    for (const waiting of this.#waiting.splice(0)) {
      this.#log.note(waiting.asked, { source: 'blank' })
      this.#answer(waiting, waiting.blank)
    }
  }

  #refuseLate(): void {
    const unawaited = this.#waiting.find(waiting => !waiting.afterEnd)
    if (unawaited && !this.unawaited) {
      this.unawaited = { miss: unawaited.asked, consumed: new Set(this.#consumed) }
    }
    this.#refuseAll()
  }

  #refuseAll(): void {
    for (const waiting of this.#waiting.splice(0)) {
      this.#log.note(waiting.asked, { source: 'none' })
      if (this.#ended) this.late.push(waiting.asked)
      const code = this.#isBeyond() ? 'FLUX_BEYOND' : 'FLUX_DIVERGED'
      const error = new FluxError(code, `Not in the recording: ${looseSignature(waiting.asked.effect)}.`)
      this.#answer(waiting, { status: 'failed', error })
    }
  }

  /** Whether everything required had been asked when the verdict was decided. */
  #isBeyond(): boolean {
    const consumed = this.consumedAtMiss ?? this.#consumed
    return this.#required.every(entry => consumed.has(entry))
  }

  #answer(waiting: Waiting, outcome: Answer['outcome']): void {
    this.#touch()
    void this.#release.soon(outcome).then(waiting.resolve)
  }
}
