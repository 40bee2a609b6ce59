import type { Boundary, Host } from '../../boundary.ts'
import { installIntl } from './intl.ts'
import { installPerformance } from './performance.ts'
import { installTemporal } from './temporal.ts'

/** `Date`, `performance`, `process.hrtime`, `process.uptime`, `Temporal.Now`, `Intl` where it is given no date. */
export const boundary: Boundary = {
  name: 'clock',
  supports: {},
  install(host) {
    installIntl(host)
    installDate(host)
    installTemporal(host)
    installPerformance(host)
    const { process } = host.realm
    host.patch(process, 'uptime', original => () => host.read('uptime', () => original.call(process)))
    host.patch(process, 'hrtime', original => {
      const nanoseconds = () => BigInt(host.read('hrtime', () => String(original.bigint())))
      const hrtime = (previous?: [number, number]): [number, number] => {
        const now = nanoseconds()
        const since = previous ? now - (BigInt(previous[0]) * 1_000_000_000n + BigInt(previous[1])) : now
        return [Number(since / 1_000_000_000n), Number(since % 1_000_000_000n)]
      }
      // The patch gives `hrtime` the original's own `bigint`: the proxy answers in front of it.
      return new Proxy(hrtime, {
        get: (target, key, receiver) => (key === 'bigint' ? nanoseconds : Reflect.get(target, key, receiver)),
      }) as NodeJS.HRTime
    })
  },
}

/**
 * `Date` becomes a proxy of itself: same name, statics and prototype, so that `instanceof`, subclasses and
 * `structuredClone` hold, and `new Date().constructor === Date`.
 */
function installDate(host: Host): void {
  const { global } = host.realm
  const RealDate = global.Date
  const realNow = RealDate.now
  const now = () => host.read('date', () => realNow.call(RealDate))
  const VirtualDate: DateConstructor = new Proxy(RealDate, {
    construct(target, args, newTarget) {
      const given = args.length === 0 ? [now()] : args
      return Reflect.construct(target, given, newTarget === VirtualDate ? target : newTarget)
    },
    apply(target) {
      return new target(now()).toString()
    },
  })
  host.patch(RealDate, 'now', () => now)
  host.patch(RealDate.prototype as { constructor: unknown }, 'constructor', () => VirtualDate)
  host.patch(global, 'Date', () => VirtualDate)
}
