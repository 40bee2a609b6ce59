import type { Effect, Entry } from 'flux-fixtures'

/** A call that no entry answers. */
export interface Miss {
  readonly effect: Effect
  readonly line?: string | undefined
}

/** What was asked in a run, and where its answer came from. */
export interface Asked extends Miss {
  readonly source: 'recorded' | 'authored' | 'borrowed' | 'ambient' | 'nock' | 'blank' | 'none'
  /** The entry that answered. */
  readonly entry?: Entry
  /** Other entries would have matched as well, with other outcomes. */
  readonly ambiguous?: boolean
}

/** Everything that was asked in a run, in order of its answers. */
export class AskedLog {
  readonly all: Asked[] = []

  /** The app's line stays unformatted until somebody reads it. */
  note(miss: Miss, answered: Omit<Asked, keyof Miss>): void {
    this.all.push(Object.defineProperties({ ...answered } as Asked, Object.getOwnPropertyDescriptors(miss)))
  }
}
