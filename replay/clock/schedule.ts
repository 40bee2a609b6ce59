import { type Player, runtime } from 'flux-capture/internal'
import { type Firing, type Fixture, looseSignature, type Timer } from 'flux-fixtures'
import type { AskedLog } from '../asked.ts'
import { INEXACT_MS, type Release } from '../release.ts'
import type { VirtualTime } from './time.ts'
import type { Armed, Director } from './timers.ts'

/** Something that happens at a time of its own, as no recorded event. */
export interface Moved {
  readonly due: number
  readonly isFiring: boolean
  readonly happen: () => void
}

interface Scheduled {
  readonly timer: Armed
  readonly due: number
}

/** The recorded timer that a timer of the program is, and which of its firings are to come. */
interface Course {
  readonly recorded: Timer
  readonly setAt: number
  next: number
}

/** How much longer than the recording a run may take, in virtual time. */
const HORIZON_FACTOR = 10
const HORIZON_MS = 60_000

/**
 * When the program's timers fire. One that is set where the recording set it fires at its place in the recorded order;
 * any other when its time has come.
 */
export class TimerSchedule implements Director {
  /** Milliseconds since the execution began beyond which nothing is waited for. */
  readonly horizon: number
  readonly #player: Player
  readonly #release: Release
  readonly #time: VirtualTime
  readonly #duration: number
  readonly #recorded: Timer[]
  readonly #courses = new WeakMap<Armed, Course>()
  readonly #placed = new Map<Armed, Firing>()
  readonly #free: Scheduled[] = []
  #fired = -1

  constructor(fixture: Fixture, player: Player, release: Release, time: VirtualTime) {
    const { duration, timers = [] } = fixture.clock
    this.#player = player
    this.#release = release
    this.#time = time
    this.#duration = duration
    this.#recorded = [...timers]
    this.horizon = fixture.ending.kind === 'unanswered' ? duration : duration * HORIZON_FACTOR + HORIZON_MS
  }

  armed(timer: Armed): void {
    const course = this.#courses.get(timer) ?? this.#courseOf(timer)
    if (course) return this.#follow(timer, course)
    this.#free.push({ timer, due: this.#time.now + timer.delay })
  }

  places(immediate: Armed): boolean {
    const course = this.#courseOf(immediate)
    return course !== undefined && this.#place(immediate, course)
  }

  disarmed(timer: Armed): void {
    const firing = this.#placed.get(timer)
    const course = this.#courses.get(timer)
    if (firing) {
      this.#release.forget(firing)
      // Set anew, it fires there all the same.
      if (course) course.next--
    }
    this.#placed.delete(timer)
    const at = this.#free.findIndex(scheduled => scheduled.timer === timer)
    if (at >= 0) this.#free.splice(at, 1)
  }

  /** The earliest of what happens at a time of its own. */
  moved(timers: boolean): Moved | undefined {
    const { moment } = this.#release
    let first: Scheduled | undefined
    if (timers) for (const scheduled of this.#free) if (!first || scheduled.due < first.due) first = scheduled
    if (moment && !(first && first.due < moment.due)) {
      return { due: moment.due, isFiring: false, happen: () => this.#release.come(moment) }
    }
    if (!first) return undefined
    const { timer, due } = first
    return { due, isFiring: true, happen: () => this.#happen(timer, due) }
  }

  /** Whether it is due in a turn of the loop that has begun already. */
  isThisTurn({ due, isFiring }: Moved): boolean {
    return due <= (isFiring ? this.#fired : this.#time.now) + INEXACT_MS
  }

  /** What the program waits for, in words. */
  waitingFor(log: AskedLog): string {
    const effects = log.all
      .filter(({ entry }) => entry?.outcome.status === 'pending')
      .map(({ effect, line }) => `${looseSignature(effect)}, which production never heard back from${at(line)}`)
    const timers = this.#free
      .filter(({ timer }) => timer.repeats)
      .map(({ timer }) => `an interval of ${timer.delay} ms${at(timer.line)}`)
    const known = [...effects, ...timers]
    return known.length === 0 ? 'waiting' : `waiting for ${known.slice(0, 3).join('; ')}`
  }

  #happen(timer: Armed, due: number): void {
    this.disarmed(timer)
    this.#time.advanceTo(due)
    this.#fired = due
    timer.fire()
  }

  /** The recorded timer of the same delay that was set at the same place, if it is the execution's own. */
  #courseOf(timer: Armed): Course | undefined {
    const { frame } = timer
    if (!frame || frame.inside || frame.execution.player !== this.#player || frame === runtime.ambient) return undefined
    const same = this.#recorded.filter(
      recorded => recorded.delay === timer.delay && (recorded.repeats ?? false) === timer.repeats,
    )
    const { rank } = this.#release
    const found =
      same.find(recorded => recorded.path === frame.path) ??
      same.find(recorded => this.#release.rankOf(recorded.after) === rank)
    const at = found ? this.#recorded.indexOf(found) : -1
    const recorded = at < 0 ? undefined : this.#recorded.splice(at, 1)[0]
    if (!recorded) return undefined
    this.#release.reached(recorded.issuedAt)
    const course = { recorded, setAt: this.#time.now, next: 0 }
    this.#courses.set(timer, course)
    return course
  }

  #follow(timer: Armed, course: Course): void {
    if (this.#place(timer, course)) return
    // It did not fire while production was watched: it does not fire before what was seen then.
    const due = Math.max(this.#time.now + timer.delay, this.#duration)
    this.#free.push({ timer, due })
  }

  /** Whether the timer's next firing has a place among the recorded events. */
  #place(timer: Armed, course: Course): boolean {
    const { recorded, setAt } = course
    const firing = recorded.fired[course.next++]
    if (!firing) return false
    const due = setAt + firing.at - recorded.issuedAt
    const happen = () => {
      this.#placed.delete(timer)
      this.#fired = due
      timer.fire()
    }
    if (!this.#release.expect(firing, { due, happen })) return false
    this.#placed.set(timer, firing)
    return true
  }
}

function at(line: string | undefined): string {
  return line === undefined ? '' : ` (${line})`
}
