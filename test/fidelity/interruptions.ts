/** What every client is tried with when the program gives up: signals before, at and within an answer; races and idle timers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { CLIENTS, type Client } from './clients.ts'
import type { Program } from './exchanges.ts'
import type { World } from './service.ts'
import type { Trace } from './trace.ts'

type Use = (client: Client, trace: Trace, world: World) => Promise<unknown>

/** An answer that comes in pieces 250 ms apart, and a program that waits for each no longer than `patience`. */
const idle =
  (patience: number): Use =>
  async (client, trace, { plain }) => {
    const abort = new AbortController()
    const giveUp = () => abort.abort(new Error('too slow'))
    let timer = setTimeout(giveUp, 1_500)
    const onChunk = () => {
      clearTimeout(timer)
      timer = setTimeout(giveUp, patience)
    }
    try {
      await client(trace, { url: `${plain}/slow-body`, signal: abort.signal, onChunk })
    } finally {
      clearTimeout(timer)
      trace.note('aborted', abort.signal.aborted)
    }
  }

const race =
  (patience: number): Use =>
  async (client, trace, { plain }) => {
    const answer = client(trace, { url: `${plain}/late` }).then(() => 'the answer')
    const timer = new Promise<string>(resolve => setTimeout(() => resolve('the timer'), patience))
    trace.note('won', await Promise.race([answer, timer]))
    await answer
  }

const USES: Readonly<Record<string, Use>> = {
  'a signal that was aborted before': (client, trace, { plain }) =>
    client(trace, { url: `${plain}/text`, signal: AbortSignal.abort() }),
  'aborted at once': async (client, trace, { plain }) => {
    const abort = new AbortController()
    const asked = client(trace, { url: `${plain}/never`, signal: abort.signal })
    abort.abort()
    await asked
  },
  'aborted before the head': async (client, trace, { plain }) => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 150)
    await client(trace, { url: `${plain}/never`, signal: abort.signal })
  },
  'aborted with a reason': async (client, trace, { plain }) => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(new RangeError('enough')), 150)
    await client(trace, { url: `${plain}/never`, signal: abort.signal })
  },
  'aborted at the first chunk': async (client, trace, { plain }) => {
    const abort = new AbortController()
    await client(trace, { url: `${plain}/events`, signal: abort.signal, onChunk: () => abort.abort() })
  },
  'aborted in the body': async (client, trace, { plain }) => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 400)
    await client(trace, { url: `${plain}/stalls`, signal: abort.signal })
  },
  'AbortSignal.timeout before the head': (client, trace, { plain }) =>
    client(trace, { url: `${plain}/never`, signal: AbortSignal.timeout(150) }),
  'AbortSignal.timeout in the body': (client, trace, { plain }) =>
    client(trace, { url: `${plain}/stalls`, signal: AbortSignal.timeout(400) }),
  'AbortSignal.any': async (client, trace, { plain }) => {
    // Node 20 collects the parts of such a signal, and it never aborts, unless somebody holds them.
    const parts = [new AbortController().signal, AbortSignal.timeout(150)]
    try {
      await client(trace, { url: `${plain}/never`, signal: AbortSignal.any(parts) })
    } finally {
      trace.note('aborted', ...parts.map(({ aborted }) => aborted))
    }
  },
  'a timeout that does not come': (client, trace, { plain }) =>
    client(trace, { url: `${plain}/late`, signal: AbortSignal.timeout(5_000) }),
  'an answer that loses a race': race(200),
  'an answer that wins a race': race(3_000),
  'an idle timer between chunks that fires': idle(80),
  'an idle timer between chunks that does not fire': idle(1_500),
  'a timer that ticks while chunks come': async (client, trace, { plain }) => {
    const ticks = setInterval(() => trace.note('tick'), 100)
    try {
      await client(trace, { url: `${plain}/slow-body`, onChunk: () => void trace.note('chunk') })
    } finally {
      clearInterval(ticks)
    }
  },
  'a timer before the only chunk': async (client, trace, { plain }) => {
    const timer = setTimeout(() => trace.note('timer'), 150)
    await client(trace, { url: `${plain}/one-late-chunk`, onChunk: () => void trace.note('chunk') })
    clearTimeout(timer)
  },
  'tried again after a pause': async (client, trace, { plain }) => {
    for (const [attempt, path] of ['/reset-at-once', '/fails', '/text'].entries()) {
      try {
        await client(trace, { url: plain + path })
      } catch (error) {
        trace.fail(`attempt ${attempt}`, error)
      }
      await sleep(20 * 2 ** attempt)
    }
  },
  hedged: async (client, trace, { plain }) => {
    const abort = new AbortController()
    const first = client(trace, { url: `${plain}/never`, signal: abort.signal }).catch(error =>
      trace.fail('first', error),
    )
    await sleep(150)
    await client(trace, { url: `${plain}/text` })
    abort.abort()
    await first
  },
}

/** Every client with every way to give up. */
export const INTERRUPTIONS: Readonly<Record<string, Program>> = Object.fromEntries(
  Object.entries(CLIENTS).flatMap(([name, client]) =>
    Object.entries(USES).map(([use, run]): [string, Program] => [
      `${name}: ${use}`,
      (trace, world) => run(client, trace, world),
    ]),
  ),
)
