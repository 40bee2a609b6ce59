import type { ClockRead, Draw, Fixture } from 'flux-fixtures'
import seedrandom from 'seedrandom'
import type { VirtualTime } from './clock/time.ts'

/** The clock reads of a recording, in the order they were made; virtual time where the program reads more. */
export class Reads {
  readonly #left = new Map<string, ClockRead[]>()
  readonly #origins: Readonly<Record<ClockRead['kind'], number>>
  readonly #time: VirtualTime
  readonly #last = new Map<string, number>()
  readonly #made = new Map<string, number>()
  #derived = 0

  /** @param time moved forward by what is read */
  constructor({ reads, origin }: Pick<Fixture['clock'], 'reads' | 'origin'>, time: VirtualTime) {
    this.#time = time
    const { startedAt } = time
    const first = (kind: ClockRead['kind']) => {
      const read = reads.find(candidate => candidate.kind === kind)
      return read && milliseconds(read)
    }
    const performance = origin?.performance ?? first('performance') ?? 0
    const hrtime = origin ? Number(BigInt(origin.hrtime)) / 1e6 : (first('hrtime') ?? 0)
    this.#origins = { date: startedAt, instant: startedAt, performance, hrtime, uptime: performance, origin: 0 }
    for (const read of reads) {
      const same = this.#left.get(read.kind)
      if (same) same.push(read)
      else this.#left.set(read.kind, [read])
    }
  }

  /**
   * @param path where it is made; the reads of one path keep their order, whatever others do meanwhile
   * @param position how many events have happened: what was recorded elsewhere in the run is not served here
   */
  next(kind: ClockRead['kind'], path: string, position: number): number | string {
    const read = takeAt(this.#left.get(kind), path, position)
    if (kind === 'origin') return read?.value ?? this.#time.startedAt - this.#origins.performance
    if (!read) return this.#derive(kind)
    const time = milliseconds(read)
    // A clock of the day counts whole milliseconds, from a beginning that does so, too.
    const elapsed = time - this.#origins[kind] - (kind === 'date' ? 1 : 0)
    const isBehind = elapsed < this.#time.now - slack(this.#time.now)
    if (isBehind || time < (this.#made.get(kind) ?? time)) return this.#derive(kind)
    this.#time.advanceTo(elapsed)
    this.#derived = 0
    this.#last.set(kind, time)
    return read.value
  }

  #derive(kind: ClockRead['kind']): number | string {
    // A program that waits in a loop for time to pass would wait for ever.
    if (++this.#derived > PATIENT_READS) this.#time.advanceTo(this.#time.now + 1)
    const time = Math.max(this.#origins[kind] + this.#time.now, this.#last.get(kind) ?? 0)
    this.#last.set(kind, time)
    this.#made.set(kind, time)
    return valueOf(kind, time)
  }

  /** Virtual time on one of the clocks, for a read that was never recorded. */
  virtual(kind: ClockRead['kind']): number | string {
    return valueOf(kind, Math.max(this.#origins[kind] + this.#time.now, this.#last.get(kind) ?? 0))
  }
}

function valueOf(kind: ClockRead['kind'], milliseconds: number): number | string {
  if (kind === 'date') return Math.floor(milliseconds)
  if (kind === 'instant') return `${Math.floor(milliseconds)}000000`
  if (kind === 'hrtime') return String(BigInt(Math.round(milliseconds * 1e6)))
  return kind === 'uptime' ? milliseconds / 1000 : milliseconds
}

/**
 * How far a recorded read may lie behind virtual time: clocks of the day count whole milliseconds and are set while they
 * run. What lies further behind is of a program that did not wait as long as this one.
 */
function slack(elapsed: number): number {
  return 3 + elapsed / 1000
}

/** How often a program may read the clock between two recorded reads before time moves with every read. */
const PATIENT_READS = 10_000

function milliseconds(read: ClockRead): number {
  if (read.kind === 'hrtime' || read.kind === 'instant') return Number(BigInt(read.value)) / 1e6
  return read.kind === 'uptime' ? Number(read.value) * 1000 : Number(read.value)
}

/** Takes the first of `left` that was recorded at a path, or, where none was, at a position. */
function takeAt<I extends { readonly path?: string; readonly after: number }>(
  left: I[] | undefined,
  path: string,
  position: number,
): I | undefined {
  if (!left) return undefined
  const at = left.findIndex(instant => instant.path === path)
  const index = at < 0 ? left.findIndex(instant => instant.after === position) : at
  return index < 0 ? undefined : left.splice(index, 1)[0]
}

/** The draws of a recording by kind and size, in order; then a generator seeded by the recording. */
export class Draws {
  readonly #left = new Map<string, Draw[]>()
  readonly #seed: string
  #generator: (() => number) | undefined

  constructor(draws: readonly Draw[], seed: string) {
    this.#seed = seed
    for (const draw of draws) {
      const same = this.#left.get(keyOf(draw.kind, draw.size))
      if (same) same.push(draw)
      else this.#left.set(keyOf(draw.kind, draw.size), [draw])
    }
  }

  /** As {@link Reads.next}. */
  next(kind: Draw['kind'], size: number | string | undefined, path: string, position: number): number | string {
    return takeAt(this.#left.get(keyOf(kind, size)), path, position)?.value ?? this.#generate(kind, size)
  }

  #generate(kind: Draw['kind'], size: number | string | undefined): number | string {
    if (kind === 'math') return this.#random()
    if (kind === 'bytes') return this.#bytes(Number(size)).toString('base64')
    if (kind === 'int') {
      const [from = 0, to = 0] = String(size).split(':').map(Number)
      return from + Math.floor(this.#random() * (to - from))
    }
    const bytes = this.#bytes(16)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }

  /** Seeding costs more than most runs ever draw. */
  #random(): number {
    this.#generator ??= seedrandom(this.#seed)
    return this.#generator()
  }

  #bytes(size: number): Buffer {
    return Buffer.from(Array.from({ length: size }, () => Math.floor(this.#random() * 256)))
  }
}

function keyOf(kind: string, size: number | string | undefined): string {
  return `${kind} ${size ?? ''}`
}
