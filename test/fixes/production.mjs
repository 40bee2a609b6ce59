// Serves every program of a folder in one process, and tells their ports; wrapped functions are called by message.
import { readdirSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { flux } from 'flux-capture'

const wanted = process.argv.slice(2)
const folder = join(process.cwd(), 'programs')
const jobs = new Map()
const ports = {}
for (const file of readdirSync(folder)) {
  const name = file.replace('.mjs', '')
  if (!wanted.includes(name)) continue
  const { app, job } = await import(pathToFileURL(join(folder, file)).href)
  if (job) jobs.set(name, job)
  if (!app) continue
  const server = app instanceof http.Server ? app : http.createServer(app)
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  ports[name] = server.address().port
}
process.on('message', async ({ name, args, triggers }) => {
  if (triggers !== undefined) return leaveAfter(triggers)
  try {
    await jobs.get(name)(...args)
    process.send({ ended: name })
  } catch (error) {
    process.send({ ended: name, error: String(error) })
  }
})

// What an execution left under way is part of its recording.
function leaveAfter(triggers) {
  if (flux.stats().seen >= triggers) process.exit(0)
  setTimeout(leaveAfter, 5, triggers)
}

process.send({ ports })
