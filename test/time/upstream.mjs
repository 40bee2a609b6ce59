// What the scenarios ask: a server that answers when it is told to. It tells its parent where it listens.
import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'

const turns = new Map()
const firsts = new Map()

/** How often a key was asked before. */
function turnOf(key) {
  const turn = turns.get(key) ?? 0
  turns.set(key, turn + 1)
  return turn
}

function json(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/** Writes `<piece>-<n>` after each gap, in milliseconds; `cut` destroys the connection instead of an end. */
function pieces(request, response, gaps, { piece = 'piece', type = 'text/plain', cut = false } = {}) {
  response.writeHead(200, { 'content-type': type })
  response.flushHeaders()
  const next = index => {
    if (index === gaps.length) return cut ? request.socket.destroy() : response.end()
    setTimeout(() => {
      response.write(type === 'text/event-stream' ? `data: ${piece}-${index}\n\n` : `${piece}-${index}\n`)
      next(index + 1)
    }, gaps[index])
  }
  next(0)
}

const ROUTES = {
  after: (request, response, [ms]) => setTimeout(() => json(response, 200, { after: Number(ms) }), Number(ms)),
  /** The delays of the turns, one request after another: identical requests, different answers. */
  turn: (request, response, [key, delays]) => {
    const turn = turnOf(key)
    setTimeout(() => json(response, 200, { turn }), Number(delays.split(',')[turn] ?? 0))
  },
  /** Fails some times, then answers. */
  flaky: (request, response, [key, failures, ms]) => {
    const turn = turnOf(key)
    setTimeout(() => json(response, turn < Number(failures) ? 503 : 200, { turn }), Number(ms))
  },
  limited: (request, response, [key, seconds]) => {
    const turn = turnOf(key)
    if (turn === 0) json(response, 429, { turn }, { 'retry-after': seconds })
    else json(response, 200, { turn })
  },
  /** Is done some time after it was first asked. */
  ready: (request, response, [key, ms]) => {
    const now = performance.now()
    if (!firsts.has(key)) firsts.set(key, now)
    json(response, 200, { done: now - firsts.get(key) >= Number(ms) })
  },
  grant: (request, response, [ms]) => json(response, 200, { lastsMs: Number(ms), turn: turnOf(`grant ${ms}`) }),
  never: () => {},
  reset: (request, response, [ms]) => setTimeout(() => request.socket.destroy(), Number(ms)),
  pieces: (request, response, [gaps]) => pieces(request, response, gaps.split(',').map(Number)),
  cut: (request, response, [gaps]) => pieces(request, response, gaps.split(',').map(Number), { cut: true }),
  events: (request, response, [gaps]) => {
    pieces(request, response, gaps.split(',').map(Number), { piece: 'event', type: 'text/event-stream' })
  },
  zipped: (request, response, [ms]) => {
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      response.end(gzipSync(JSON.stringify({ zipped: 'x'.repeat(2000) })))
    }, Number(ms))
  },
  echo: async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    json(response, 201, { heard: JSON.parse(text) })
  },
}

const server = createServer((request, response) => {
  const [, name, ...rest] = request.url.split('?')[0].split('/')
  const route = ROUTES[name]
  if (!route) return json(response, 404, { error: name })
  return route(request, response, rest)
})
server.on('connection', socket => socket.on('error', () => {}))
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit())
