import { type Baseline, type EncodedBody, type Ending, encodePayload, type Json } from 'flux-fixtures'

/** Field names and JSON types of a value; an array counts by its first item. */
export function shapeOf(value: Json): Json {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length > 0 ? [shapeOf(value[0] as Json)] : []
  if (typeof value !== 'object') return typeof value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, shapeOf(inner as Json)]),
  )
}

/** What an ending looks like beside a baseline of the same trigger: one line when they differ. */
export function shapeDifference(baseline: Baseline | undefined, ending: Ending | undefined): string | undefined {
  if (!baseline || !ending) return undefined
  if (ending.kind === 'responded' && baseline.status !== undefined && ending.response.status !== baseline.status) {
    return `A success answered ${baseline.status} in production; this run answered ${ending.response.status}.`
  }
  const shape = shapeOf(contentOf(ending))
  if (JSON.stringify(shape) === JSON.stringify(baseline.shape)) return undefined
  return 'The answer has another shape than a success had in production; a catch that hides the failure looks like this.'
}

/** The JSON content of an ending; text and bytes count as strings. */
export function contentOf(ending: Ending): Json {
  if (ending.kind === 'returned') return encodePayload(ending.value)
  if (ending.kind !== 'responded') return null
  const body = encodePayload(ending.response.body) as unknown as EncodedBody
  return body.json ?? body.text ?? ''
}
