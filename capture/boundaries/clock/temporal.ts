import type { Host } from '../../boundary.ts'

interface Instant {
  readonly epochNanoseconds: bigint
  toZonedDateTimeISO(zone: unknown): Zoned
}

interface Zoned {
  toPlainDateTime(): unknown
  toPlainDate(): unknown
  toPlainTime(): unknown
}

interface Now {
  instant(): Instant
  timeZoneId(): string
  zonedDateTimeISO(zone?: unknown): unknown
  plainDateTimeISO(zone?: unknown): unknown
  plainDateISO(zone?: unknown): unknown
  plainTimeISO(zone?: unknown): unknown
}

interface Temporal {
  readonly Now: Now
  readonly Instant: new (epochNanoseconds: bigint) => Instant
}

/** `Temporal.Now`, in the Nodes that have it. */
export function installTemporal(host: Host): void {
  const { Temporal } = host.realm.global as unknown as { readonly Temporal?: Temporal }
  if (!Temporal) return
  const { Now } = Temporal
  const realInstant = Now.instant.bind(Now)
  const instant = () => new Temporal.Instant(BigInt(host.read('instant', () => String(realInstant().epochNanoseconds))))
  const zoned = (zone: unknown) => instant().toZonedDateTimeISO(zone ?? Now.timeZoneId())
  host.patch(Now, 'instant', () => instant)
  host.patch(Now, 'zonedDateTimeISO', () => zoned)
  host.patch(Now, 'plainDateTimeISO', () => zone => zoned(zone).toPlainDateTime())
  host.patch(Now, 'plainDateISO', () => zone => zoned(zone).toPlainDate())
  host.patch(Now, 'plainTimeISO', () => zone => zoned(zone).toPlainTime())
}
