// The Postgres that is measured with: one that runs, else the embedded one of the example.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'

const DEFAULT = 'postgres://postgres@127.0.0.1:5432/test'

/** @returns its address, whether it is the embedded one, and what stops it */
export async function findDatabase(root) {
  const url = process.env.DATABASE_URL ?? DEFAULT
  if (await answers(url)) return { url, embedded: false, stop: async () => {} }
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/checkout/database/server.ts'], {
    cwd: root,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    output += chunk
    const found = / listening on (\S+)/.exec(output)?.[1]
    if (found) return { url: found, embedded: true, stop: () => stop(child) }
  }
  throw new Error(`The embedded Postgres does not listen:\n${output}`)
}

async function stop(child) {
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const impatient = setTimeout(() => child.kill('SIGKILL'), 3000)
  await gone
  clearTimeout(impatient)
}

function answers(url) {
  const { hostname, port } = new URL(url)
  return new Promise(resolve => {
    const socket = connect({ host: hostname, port: Number(port || 5432) })
    socket.setTimeout(1000, () => socket.destroy())
    socket.once('connect', () => {
      resolve(true)
      socket.destroy()
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
}
