/** What every client is tried with: one request, and all ways in which it may end. */
import { CLIENTS, type Client } from './clients.ts'
import { hasZstd } from './routes.ts'
import type { World } from './service.ts'
import type { Trace } from './trace.ts'

/** One program; everything it sees goes to the trace. */
export type Program = (trace: Trace, world: World) => Promise<unknown>

type Use = (client: Client, trace: Trace, world: World) => Promise<unknown>

const get =
  (path: string): Use =>
  (client, trace, { plain }) =>
    client(trace, { url: plain + path })

const PATHS = [
  'text',
  'json',
  'half-json',
  'fails',
  'nowhere',
  'empty',
  'no-content',
  'not-modified',
  'redirect',
  'redirect-loop',
  'binary',
  'gzip',
  'br',
  'deflate',
  ...(hasZstd ? ['zstd'] : []),
  'gzip-bad',
  'gzip-cut',
  'events',
  'many',
  'slow-body',
  'late',
  'trailers',
  'http-1.0',
  'until-close',
  'until-reset',
  'reset-at-once',
  'end-at-once',
  'reset-in-head',
  'end-in-head',
  'reset-after-head',
  'end-after-head',
  'reset-in-body',
  'end-in-body',
  'reset-in-chunked',
  'end-in-chunked',
  'end-in-chunk',
  'bad-chunk',
  'bad-status-line',
  'bad-header',
  'huge-header',
  'two-lengths',
  'hints',
]

const USES: Readonly<Record<string, Use>> = {
  ...Object.fromEntries(PATHS.map(path => [path, get(`/${path}`)])),
  HEAD: (client, trace, { plain }) => client(trace, { url: `${plain}/text`, method: 'HEAD' }),
  'HEAD of what fails': (client, trace, { plain }) => client(trace, { url: `${plain}/fails`, method: 'HEAD' }),
  POST: (client, trace, { plain }) => client(trace, { url: `${plain}/echo?a=1`, method: 'POST', body: 'a body' }),
  'POST, see other': (client, trace, { plain }) =>
    client(trace, { url: `${plain}/see-other`, method: 'POST', body: 'a body' }),
  'POST, reset': (client, trace, { plain }) =>
    client(trace, { url: `${plain}/reset-at-once`, method: 'POST', body: 'a body' }),
  'a closed port': (client, trace, { closed }) => client(trace, { url: `${closed}/` }),
  'POST to a closed port': (client, trace, { closed }) =>
    client(trace, { url: `${closed}/`, method: 'POST', body: 'a body' }),
  'a name that does not resolve': (client, trace, { unknown }) => client(trace, { url: `${unknown}/text` }),
  'a certificate that nobody trusts': (client, trace, { secure }) => client(trace, { url: `${secure}/text` }),
  'plain text where TLS is spoken': (client, trace, { secure }) =>
    client(trace, { url: `${secure.replace('https', 'http')}/text` }),
  'TLS where plain text is spoken': (client, trace, { plain }) =>
    client(trace, { url: `${plain.replace('http', 'https')}/text` }),
  'a promise that nobody handles': async (client, trace, { plain }) => {
    void client(trace, { url: `${plain}/reset-at-once` })
    await new Promise<void>(resolve => {
      client(trace, { url: `${plain}/slow-body` }).then(resolve, () => resolve())
    })
  },
  'three at once, one fails': async (client, trace, { plain }) => {
    const paths = ['/slow-body', '/reset-in-body', '/text']
    const settled = await Promise.allSettled(paths.map(path => client(trace, { url: plain + path })))
    trace.note('settled', ...settled.map(({ status }) => status))
  },
}

/** Megabytes take their time. */
const LARGE: readonly string[] = ['fetch', 'http']

/** Every client with everything. */
export const EXCHANGES: Readonly<Record<string, Program>> = Object.fromEntries(
  Object.entries(CLIENTS).flatMap(([name, client]) =>
    Object.entries({ ...USES, ...(LARGE.includes(name) && { large: get('/large') }) }).map(
      ([use, run]): [string, Program] => [`${name}: ${use}`, (trace, world) => run(client, trace, world)],
    ),
  ),
)
