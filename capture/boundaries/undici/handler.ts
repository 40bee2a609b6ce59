/** What a dispatcher calls, in the terms of undici 7 and later; older ones have the methods below. */
export interface Handler {
  onRequestStart?(controller: Controller, context: object): unknown
  onResponseStart?(controller: Controller, status: number, headers: HeaderObject, statusText: string): unknown
  onResponseData?(controller: Controller, chunk: Uint8Array): unknown
  onResponseEnd?(controller: Controller, trailers: HeaderObject): unknown
  onResponseError?(controller: Controller, error: unknown): unknown
  onConnect?(abort: (reason?: unknown) => void, context: object): unknown
  onResponseStarted?(): unknown
  onHeaders?(status: number, headers: Buffer[], resume: () => void, statusText: string): unknown
  onData?(chunk: Uint8Array): unknown
  onComplete?(trailers: Buffer[]): unknown
  onError?(error: unknown): unknown
}

/** Names in lower case; an array where a name came more than once. */
export type HeaderObject = Record<string, string | string[]>

export interface Controller {
  abort(reason?: unknown): void
  pause(): void
  resume(): void
  readonly paused: boolean
  readonly aborted: boolean
  readonly reason: unknown
  rawHeaders?: readonly unknown[] | null
  rawTrailers?: readonly unknown[] | null
}
