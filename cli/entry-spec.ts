import { relative } from 'node:path'
import type { Settings } from 'flux-capture/internal'
import { FluxError, literal, type Trigger } from 'flux-fixtures'

/**
 * The entry that a configuration names for what started an execution: `./src/app.ts#app`.
 * @throws FluxError `FLUX_NO_ENTRY`
 */
export function entrySpecOf(
  { entry, file, root }: Pick<Settings, 'entry' | 'file' | 'root'>,
  trigger: Trigger,
): string {
  const key = trigger.kind === 'http' ? 'http' : trigger.name
  const spec = Object.hasOwn(entry, key) ? entry[key] : undefined
  if (spec !== undefined) return spec
  const example = trigger.kind === 'http' ? "http: './src/app.ts#app'" : `${literal(key)}: './src/jobs.ts#run'`
  if (file === undefined) {
    throw new FluxError('FLUX_NO_ENTRY', 'There is no flux.config.mjs here, so nothing says where to replay.', {
      hint: `Run \`flux init\`, or write one with entry: { ${example} }.`,
    })
  }
  throw new FluxError('FLUX_NO_ENTRY', `${relative(root, file)} names no entry for ${literal(key)}.`, {
    hint: `Add it: entry: { ${example} }.`,
  })
}
