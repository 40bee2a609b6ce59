import { openDirectoryStore, type Recording, sanitize } from 'flux-fixtures'

/** What a worker needs to know; survives structured cloning. */
export interface DepositSettings {
  /** Directory, absolute. */
  readonly store: string
}

/** Where recordings go: sanitized in memory first, then written. */
export interface Deposit {
  write(recording: Recording): Promise<void>
  /** Without giving up the thread: for a process that is about to die. */
  writeSync(recording: Recording): void
}

export function openDeposit(settings: DepositSettings): Deposit {
  const store = openDirectoryStore(settings.store)
  return {
    write: recording => store.write(sanitize(recording)),
    writeSync: recording => store.writeSync(sanitize(recording)),
  }
}
