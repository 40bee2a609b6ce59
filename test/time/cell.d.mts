import type { Expectation } from './project.mjs'

export interface Cell {
  readonly title: string
  readonly runner: 'vitest' | 'jest'
  readonly pool?: 'forks' | 'threads'
  /** The program to run it with. */
  readonly node: string
  readonly modules: string
  readonly loaded: boolean
}

/** What one test of a scenario came to. */
export interface Report {
  readonly name: string
  readonly missing?: true
  readonly turns: number
  readonly misses: readonly object[]
  /** Milliseconds. */
  readonly median?: number
}

export interface FinishedCell extends Cell {
  readonly reports: readonly Report[]
  readonly code: number
  readonly output: string
}

export function runCell(
  folder: string,
  cell: Cell,
  expectations: ReadonlyMap<string, Expectation>,
  names?: readonly string[],
): Promise<FinishedCell>

export function wrongIn(cell: FinishedCell): string[]

export function limitsIn(cell: Pick<FinishedCell, 'reports'>): string[]
