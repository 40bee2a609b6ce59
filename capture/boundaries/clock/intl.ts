import type { Host } from '../../boundary.ts'

type Format = (date?: Date | number) => string

/** A format without a date is of now, which it takes from no `Date` that could be replaced. */
export function installIntl(host: Host): void {
  const { Date: RealDate, Intl } = host.realm.global
  const realNow = RealDate.now
  const now = () => host.read('date', () => realNow.call(RealDate))
  const { prototype } = Intl.DateTimeFormat
  host.patch(prototype, 'formatToParts', original => {
    return function (this: Intl.DateTimeFormat, date) {
      return original.call(this, date ?? now())
    }
  })
  const format = Object.getOwnPropertyDescriptor(prototype, 'format')
  if (!format?.get) return
  const bound = new WeakMap<Format, Format>()
  const getter = format.get
  host.define(prototype, 'format', {
    ...format,
    get(this: Intl.DateTimeFormat) {
      const original = getter.call(this) as Format
      let known = bound.get(original)
      if (!known) {
        known = date => original(date ?? now())
        bound.set(original, known)
      }
      return known
    },
  })
}
