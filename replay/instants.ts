import type { ClockRead, Draw } from 'flux-fixtures'
import seedrandom from 'seedrandom'

/** The clock reads of a recording, in the order they were made; virtual time where the program reads more. */
export class Reads {
  readonly #left = new Map<string, ClockRead[]>()
  readonly #offset = new Map<string, number>()
  readonly #startedAt: number
  #now: number
  readonly #last = new Map<string, number>()
  #derived = 0

  /**
   * @param startedAt milliseconds since epoch at which the recording begins
   * @param elapsedAt milliseconds from there to an answer, by its rank
   */
  constructor(reads: readonly ClockRead[], startedAt: number, elapsedAt: (rank: number) => number = () => 0) {
    this.#startedAt = startedAt
    this.#now = startedAt
    for (const read of reads) {
      const same = this.#left.get(read.kind)
      if (same) same.push(read)
      else {
        this.#left.set(read.kind, [read])
        this.#offset.set(read.kind, milliseconds(read) - elapsedAt(read.after))
      }
    }
  }

  /** Virtual time, milliseconds since epoch. */
  get now(): number {
    return this.#now
  }

  /** Moves virtual time forward; it never runs backwards. */
  advanceTo(time: number): void {
    if (time > this.#now) this.#now = time
  }

  /**
   * @param position how many effects have answered: a read recorded elsewhere in the run is not served here
   */
  next(kind: ClockRead['kind'], position: number): number | string {
    const left = this.#left.get(kind) ?? []
    while (left[0] && left[0].after < position) left.shift()
    if (left[0]?.after !== position || this.#isOvertaken(kind, left[0])) return this.#derive(kind)
    const read = left.shift() as ClockRead
    this.advanceTo(this.#toEpoch(kind, read))
    this.#derived = 0
    this.#last.set(kind, milliseconds(read))
    return read.value
  }

  #toEpoch(kind: string, read: ClockRead): number {
    if (kind === 'date') return milliseconds(read)
    return this.#startedAt + milliseconds(read) - (this.#offset.get(kind) ?? 0)
  }

  /** A loop that waited for time to pass went beyond what was recorded. */
  #isOvertaken(kind: ClockRead['kind'], read: ClockRead): boolean {
    return this.#derived > PATIENT_READS && milliseconds(read) < (this.#last.get(kind) ?? 0)
  }

  /** A derived read lies between the recorded ones around it: no clock of the program runs backwards. */
  #between(kind: ClockRead['kind'], time: number): number {
    const next = this.#derived > PATIENT_READS ? undefined : this.#left.get(kind)?.[0]
    const bounded = Math.max(next ? Math.min(time, milliseconds(next)) : time, this.#last.get(kind) ?? time)
    this.#last.set(kind, bounded)
    return bounded
  }

  #derive(kind: ClockRead['kind']): number | string {
    // A program that waits in a loop for time to pass would wait for ever.
    if (++this.#derived > PATIENT_READS) this.#now += 1
    const time = kind === 'date' ? this.#now : (this.#offset.get(kind) ?? 0) + this.#now - this.#startedAt
    const elapsed = this.#between(kind, time)
    if (kind === 'date') return Math.floor(elapsed)
    if (kind === 'hrtime') return String(BigInt(Math.round(elapsed * 1e6)))
    return kind === 'uptime' ? elapsed / 1000 : elapsed
  }
}

/** How often a program may read the clock between two recorded reads before time moves with every read. */
const PATIENT_READS = 10_000

function milliseconds(read: ClockRead): number {
  if (read.kind === 'hrtime') return Number(BigInt(read.value)) / 1e6
  return read.kind === 'uptime' ? Number(read.value) * 1000 : Number(read.value)
}

/** The draws of a recording by kind and size, in order; then a generator seeded by the recording. */
export class Draws {
  readonly #left = new Map<string, Draw[]>()
  readonly #generator: () => number

  constructor(draws: readonly Draw[], seed: string) {
    this.#generator = seedrandom(seed)
    for (const draw of draws) {
      const same = this.#left.get(keyOf(draw.kind, draw.size))
      if (same) same.push(draw)
      else this.#left.set(keyOf(draw.kind, draw.size), [draw])
    }
  }

  /** @param position how many effects have answered: a draw that was made later in the run is not served here */
  next(kind: Draw['kind'], size: number | string | undefined, position = Number.POSITIVE_INFINITY): number | string {
    const left = this.#left.get(keyOf(kind, size)) ?? []
    const here = left.findIndex(draw => draw.after === position)
    const index = here < 0 && left[0] && left[0].after < position ? 0 : here
    return (index < 0 ? undefined : left.splice(index, 1)[0]?.value) ?? this.#generate(kind, size)
  }

  #generate(kind: Draw['kind'], size: number | string | undefined): number | string {
    if (kind === 'math') return this.#generator()
    if (kind === 'bytes') return this.#bytes(Number(size)).toString('base64')
    if (kind === 'int') {
      const [from = 0, to = 0] = String(size).split(':').map(Number)
      return from + Math.floor(this.#generator() * (to - from))
    }
    const bytes = this.#bytes(16)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }

  #bytes(size: number): Buffer {
    return Buffer.from(Array.from({ length: size }, () => Math.floor(this.#generator() * 256)))
  }
}

function keyOf(kind: string, size: number | string | undefined): string {
  return `${kind} ${size ?? ''}`
}
