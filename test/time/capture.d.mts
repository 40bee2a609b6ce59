import type { SanitizedRecording } from 'flux-fixtures'

export interface Scenario {
  readonly name: string
  readonly file: string
  readonly recording?: SanitizedRecording
  /** It was run and not kept. */
  readonly missing?: true
}

export function captureScenarios(options: {
  readonly folder: string
  readonly root: string
  readonly node?: string
}): Promise<readonly Scenario[]>
