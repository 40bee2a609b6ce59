// The service as a process of its own. It tells its parent where it listens and, when asked, what it has used.
import { app } from './app.mjs'

const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))

// A side waits longer for its turn than Node keeps an idle connection open.
server.keepAliveTimeout = 0

process.on('message', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  const recorder = globalThis[Symbol.for('flux.runtime')]?.recorder
  process.send({ cpu: userCPUTime + systemCPUTime, rss: process.memoryUsage.rss(), stats: recorder?.stats() })
})
process.on('disconnect', () => process.exit())
