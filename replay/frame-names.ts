import type { Patches } from 'flux-capture/internal'

type Prepare = (error: Error, sites: readonly NodeJS.CallSite[]) => unknown
interface Preparing {
  prepareStackTrace?: Prepare | undefined
}

/**
 * Keeps the names of functions in stacks as V8 knows them. Where a runner maps stacks itself (jest does, through
 * source-map-support), the name of a frame becomes the name found at its position: `map` for a failing `prices.map(…)`,
 * and a failure would not be recognised by its frame.
 */
export function keepFunctionNames(constructor: object, patches: Patches): void {
  const preparing = constructor as Preparing
  const prepare = preparing.prepareStackTrace
  if (!prepare) return
  patches.replace(preparing, 'prepareStackTrace', () => (error, sites) => {
    const stack = prepare.call(constructor, error, sites)
    return typeof stack === 'string' ? renamed(stack, sites) : stack
  })
}

const SEPARATOR = '\n    at '

function renamed(stack: string, sites: readonly NodeJS.CallSite[]): string {
  const parts = stack.split(SEPARATOR)
  const frames = parts.slice(-sites.length)
  if (sites.length === 0 || parts.length <= sites.length) return stack
  const names = sites.map(site => site.getFunctionName())
  const fixed = frames.map((frame, index) => {
    const name = names[index]
    return name ? frame.replace(/^(async |new )?[^\s()]+(?: \[as [^\]]+\])? \(/, `$1${name} (`) : frame
  })
  return [...parts.slice(0, -sites.length), ...fixed].join(SEPARATOR)
}
