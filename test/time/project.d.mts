import type { Scenario } from './capture.mjs'

export interface Expectation {
  readonly zone: string
  readonly result: string
  readonly value?: unknown
  readonly maxMs?: number
}

export function writeProject(
  folder: string,
  modules: string,
  scenarios: readonly Scenario[],
  turns: number,
): Promise<ReadonlyMap<string, Expectation>>
