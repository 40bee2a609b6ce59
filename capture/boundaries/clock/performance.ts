import type { MarkOptions, MeasureOptions, Performance, PerformanceMeasure } from 'node:perf_hooks'
import type { Host } from '../../boundary.ts'

type Measure = (this: unknown, name: string, start?: string | MeasureOptions, end?: string) => PerformanceMeasure

/** `performance`: what it is now, marks and measures that name no time, its origin, and the times of events. */
export function installPerformance(host: Host): void {
  const { performance } = host.realm.global as unknown as { readonly performance: Performance }
  const owner = ownerOf(performance, 'now')
  const realNow = performance.now.bind(performance)
  const now = () => host.read('performance', realNow)
  host.patch(owner, 'now', () => now)
  host.patch(owner, 'mark', original => {
    return function (this: Performance, name: string, options?: MarkOptions) {
      return original.call(this, name, { ...options, startTime: options?.startTime ?? now() })
    }
  })
  host.patch(owner as unknown as { measure: Measure }, 'measure', original => {
    return function (name, start, end) {
      if (end !== undefined) return original.call(this, name, start, end)
      const options: MeasureOptions = typeof start === 'object' ? start : start === undefined ? {} : { start }
      if (options.end !== undefined || options.duration !== undefined) return original.call(this, name, options)
      return original.call(this, name, { ...options, end: now() })
    }
  })
  installEvents(host)
  const origin = Object.getOwnPropertyDescriptor(ownerOf(performance, 'timeOrigin'), 'timeOrigin')
  if (!origin) return
  const real = origin.get ? () => origin.get?.call(performance) as number : () => origin.value as number
  host.define(ownerOf(performance, 'timeOrigin'), 'timeOrigin', {
    configurable: true,
    enumerable: origin.enumerable ?? true,
    get: () => host.read('origin', real),
  })
}

/** When an event was made is read when it is first asked. */
function installEvents(host: Host): void {
  const { prototype } = host.realm.global.Event
  const stamp = Object.getOwnPropertyDescriptor(prototype, 'timeStamp')
  if (!stamp?.get) return
  const { get } = stamp
  const known = new WeakMap<Event, number>()
  host.define(prototype, 'timeStamp', {
    ...stamp,
    get(this: Event) {
      const real = get.call(this) as number
      const time = known.get(this) ?? host.read('performance', () => real)
      known.set(this, time)
      return time
    },
  })
}

/** What is on the prototype; a jest sandbox shares the outer object. */
function ownerOf(performance: Performance, key: string): Performance {
  let owner: object | null = performance
  while (owner && !Object.hasOwn(owner, key)) owner = Object.getPrototypeOf(owner)
  return (owner ?? performance) as Performance
}
