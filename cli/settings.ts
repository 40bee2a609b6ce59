import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { isAddress, loadConfig, type Settings } from 'flux-capture/internal'
import { FluxError, literal } from 'flux-fixtures'
import type { Flags } from './command.ts'
import type { Terminal } from './terminal/terminal.ts'

/**
 * The configuration of the working directory, or the one that `--config` names; `--store` goes before its store.
 * @throws FluxError `FLUX_CONFIG`
 */
export async function readSettings(flags: Flags, terminal: Terminal): Promise<Settings> {
  const { config, store } = flags
  const { cwd, env } = terminal
  if (typeof config === 'string' && !existsSync(resolve(cwd, config))) {
    throw new FluxError('FLUX_CONFIG', `There is no configuration ${literal(config)}.`, { hint: 'Correct --config.' })
  }
  if (typeof store === 'string') refuseAddress(store)
  const named = typeof config === 'string' ? config : env.FLUX_CONFIG
  const typed = named?.endsWith('.ts') ?? existsSync(resolve(cwd, 'flux.config.ts'))
  const tsx = typed ? (await import('tsx/cjs/api')).register() : undefined
  try {
    return loadConfig(cwd, {
      ...env,
      ...(named !== undefined && { FLUX_CONFIG: named }),
      ...(typeof store === 'string' && { FLUX_STORE: store }),
    })
  } finally {
    tsx?.()
  }
}

/** The directory of a configuration's store. @throws FluxError `FLUX_USAGE` for what is no directory. */
export function storeDirectoryOf(settings: Settings): string {
  refuseAddress(settings.store)
  return settings.store
}

function refuseAddress(store: string): void {
  if (!isAddress(store)) return
  throw new FluxError('FLUX_USAGE', `${literal(store)} is no directory, and no other store is known yet.`, {
    hint: 'Name a directory with --store, or in flux.config.mjs.',
  })
}
