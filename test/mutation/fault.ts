/** Tests of the suite, as few as will do. */
export interface Selection {
  /** A test file, relative to the repository. */
  readonly file: string
  /** Only tests whose names contain it; a pattern, as vitest's `-t`. All of the file when absent. */
  readonly name?: string
}

/** What must notice a fault. */
export type Catcher =
  | Selection
  /** So many generated programs in one schedule, as `scripts/property.mjs` runs them. */
  | { readonly programs: number }

/** A deliberate fault of the engine. The suite must notice it. */
export interface Fault {
  /** What the engine does wrong with it. */
  readonly name: string
  /** The source that is changed, relative to the repository. */
  readonly file: string
  /** Occurs once in `file`. */
  readonly before: string
  readonly after: string
  readonly tests: readonly Catcher[]
}
