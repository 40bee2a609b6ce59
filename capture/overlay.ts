/**
 * Lays an own method over an inherited one, on one object that a driver made for one call. It goes with the object, so
 * nothing needs to be undone. Not enumerable: it is not seen in `console.log`, spreads or copies.
 *
 * @returns false where the object does not take properties
 */
export function overlay<T extends object, K extends keyof T>(
  target: T,
  key: K,
  make: (original: T[K]) => T[K],
): boolean {
  const value = make(target[key])
  return Reflect.defineProperty(target, key, { value, writable: true, enumerable: false, configurable: true })
}
