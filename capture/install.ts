import { syncBuiltinESMExports } from 'node:module'
import { boundaries } from './boundaries/registry.generated.ts'
import type { Boundary, Host, Realm } from './boundary.ts'
import { carry, cross, draw, inside, library, log, read, timer, variable } from './cross.ts'
import { Discovery } from './discover.ts'
import { Patches } from './patch.ts'

/** What an installation put in place. */
export interface Installation {
  readonly patches: Patches
  /** Makes ES module imports of built-ins see what was patched since. */
  sync(): void
  /** Restores every descriptor. */
  uninstall(): void
}

/**
 * Installs every boundary in a realm. The boundaries are the same in every mode; what a crossing does is decided by
 * the execution it happens in.
 */
export function install(
  realm: Realm = { global: globalThis, process },
  selected: readonly Boundary[] = boundaries,
): Installation {
  const patches = new Patches()
  const discovery = new Discovery(patches)
  const host: Host = {
    realm,
    cross,
    read,
    draw,
    variable,
    timer,
    log,
    carry,
    inside,
    library,
    patch: (target, key, replace) => patches.replace(target, key, replace),
    define: (target, key, descriptor) => patches.define(target, key, descriptor),
    discover: (matches, found) => discovery.on(matches, found),
  }
  for (const boundary of selected) boundary.install(host)
  syncBuiltinESMExports()
  return {
    patches,
    sync: syncBuiltinESMExports,
    uninstall() {
      patches.restore()
      syncBuiltinESMExports()
    },
  }
}
