import type { Patches, Realm } from 'flux-capture/internal'

type Formatter = new (locales?: unknown, options?: unknown) => object
type Method = (this: unknown, ...args: unknown[]) => unknown

const FORMATTERS = [
  'Collator',
  'DateTimeFormat',
  'DisplayNames',
  'DurationFormat',
  'ListFormat',
  'NumberFormat',
  'PluralRules',
  'RelativeTimeFormat',
  'Segmenter',
] as const

/** Methods that take a locale, and where among their arguments it stands. */
const METHODS = {
  Date: { toLocaleString: 0, toLocaleDateString: 0, toLocaleTimeString: 0 },
  Number: { toLocaleString: 0 },
  BigInt: { toLocaleString: 0 },
  Array: { toLocaleString: 0 },
  String: { localeCompare: 1, toLocaleLowerCase: 0, toLocaleUpperCase: 0 },
} as const

/** The locale of this process. */
export function defaultLocale(): string {
  return new Intl.DateTimeFormat().resolvedOptions().locale
}

/** Makes `locale` the one that is used where a program names none. A process cannot change its own. */
export function applyLocale(locale: string, realm: Realm, patches: Patches): void {
  if (locale === defaultLocale() || !isSupported(locale)) return
  const intl = realm.global.Intl as unknown as Record<string, Formatter | undefined>
  for (const name of FORMATTERS) {
    if (intl[name] === undefined) continue
    patches.replace(intl as Record<string, Formatter>, name, original => inLocale(original, locale))
  }
  for (const [owner, methods] of Object.entries(METHODS)) {
    const { prototype } =
      (realm.global as unknown as Record<string, { prototype: Record<string, Method> }>)[owner] ?? {}
    if (!prototype) continue
    for (const [name, at] of Object.entries(methods)) {
      patches.replace(prototype, name, original => {
        return function (...args) {
          while (args.length <= at) args.push(undefined)
          args[at] ??= locale
          return original.apply(this, args)
        }
      })
    }
  }
}

function inLocale(original: Formatter, locale: string): Formatter {
  return new Proxy(original, {
    construct: (target, [locales, ...rest], newTarget) =>
      Reflect.construct(target, [locales ?? locale, ...rest], newTarget),
    apply: (target, self, [locales, ...rest]) => Reflect.apply(target as never, self, [locales ?? locale, ...rest]),
  })
}

function isSupported(locale: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf([locale]).length > 0
  } catch {
    return false
  }
}
