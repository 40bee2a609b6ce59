/** What `instanceof` asks of an error in every copy of undici: a registered symbol, named by its code. */
const PREFIX = 'undici.error.'
/** Their code is that of the parser, or that of the class above. */
const BY_CLASS: Readonly<Record<string, readonly string[]>> = {
  HTTPParserError: ['UND_ERR_HTTP_PARSER'],
  RequestAbortedError: ['UND_ERR', 'UND_ERR_ABORT', 'UND_ERR_ABORTED'],
}

/** Makes a recorded error one that undici takes for its own, where it was. */
export function asUndici(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code: unknown = Reflect.get(error, 'code')
  const own = typeof code === 'string' && code.startsWith('UND_ERR') ? ['UND_ERR', code] : []
  for (const name of BY_CLASS[error.constructor.name] ?? own) {
    Object.defineProperty(error, Symbol.for(PREFIX + name), { value: true, configurable: true })
  }
  return error
}

class RequestAbortedError extends Error {
  readonly code = 'UND_ERR_ABORTED'
  override readonly name = 'AbortError'

  constructor() {
    super('Request aborted')
  }
}

/** What a request fails with that is aborted without a reason. */
export function abortedRequest(): unknown {
  return asUndici(new RequestAbortedError())
}
