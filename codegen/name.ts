import type { Failure, SanitizedRecording, Trigger } from 'flux-fixtures'

/** How a recording is called in a test folder. */
export interface Name {
  /** File name without extension: `post-checkout-500-01jd8q`. Lower-case letters, digits and hyphens. */
  readonly slug: string
  /** What the test says: `POST /checkout no longer answers 500`. */
  readonly title: string
}

export interface NameOptions {
  /** Whether a class name occurs in the project's source. Built-in errors are known anyway. */
  readonly knowsClass?: (name: string) => boolean
  /** Whether another recording has the slug already; then more characters of the id are taken. */
  readonly taken?: (slug: string) => boolean
}

const METHODS = new Set('CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE'.split(' '))
const SEGMENT = /^(?:[a-z0-9_-]{1,40}|:[a-z_][a-z0-9_]{0,39}|\*(?:[a-z_][a-z0-9_]{0,39})?)$/i
const CALL = /^[a-z0-9_-]{1,40}(?:[.:/][a-z0-9_-]{1,40}){0,5}$/i
const CLASS = /^[A-Z][A-Za-z0-9_]{0,59}$/
const BUILT_IN = new Set(
  'Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError DOMException AssertionError'.split(
    ' ',
  ),
)
const MAX_SEGMENTS = 12
const MAX_SLUG = 80
const SHORTEST_ID = 6
const ID_LENGTH = 26

/**
 * Names a recording in a closed vocabulary: method, route template, status, the name given to `flux.wrap`, an error class that the
 * source knows. What does not fit the vocabulary is left out, so that no stranger's string gets into code or file names.
 */
export function nameOf(
  recording: Pick<SanitizedRecording, 'id' | 'trigger' | 'failure'>,
  options: NameOptions = {},
): Name {
  const { id, trigger, failure } = recording
  const what = subjectOf(trigger)
  const how = failure
    ? failureWords(failure, options.knowsClass ?? (() => false))
    : { title: trigger.kind === 'http' ? 'answers as recorded' : 'returns as recorded', slug: '' }
  const words = slugOf(`${what} ${how.slug}`).slice(0, MAX_SLUG).replace(/-$/, '')
  let length = SHORTEST_ID
  while (length < ID_LENGTH && options.taken?.(`${words}-${id.slice(0, length)}`)) length++
  return { slug: `${words}-${id.slice(0, length)}`, title: `${what} ${how.title}` }
}

function subjectOf(trigger: Trigger): string {
  if (trigger.kind === 'call') return CALL.test(trigger.name) ? trigger.name : 'the call'
  const { method } = trigger.request
  const known = METHODS.has(method) ? method : 'the request'
  return isRoute(trigger.route) ? `${known} ${trigger.route}` : known
}

function isRoute(route: unknown): route is string {
  if (typeof route !== 'string' || !route.startsWith('/')) return false
  const segments = route.slice(1).replace(/\/$/, '').split('/')
  if (segments.length > MAX_SEGMENTS) return false
  return route === '/' || segments.every(segment => SEGMENT.test(segment))
}

function failureWords(failure: Failure, knowsClass: (name: string) => boolean): { title: string; slug: string } {
  const { kind, status } = failure
  if (kind === 'unanswered') return { title: 'no longer goes unanswered', slug: 'unanswered' }
  if (kind === 'response') {
    const known =
      Number.isInteger(status) && (status ?? 0) >= 100 && (status ?? 0) <= 599 ? String(status) : 'a failure'
    return { title: `no longer answers ${known}`, slug: known }
  }
  const thrown = failure.error?.class ?? ''
  if (!BUILT_IN.has(thrown) && !(CLASS.test(thrown) && knowsClass(thrown))) {
    return { title: 'no longer throws', slug: 'throws' }
  }
  return { title: `no longer throws ${thrown}`, slug: thrown }
}

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
