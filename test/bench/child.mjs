// Processes of the benchmark: started, asked, stopped, and measured from outside.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = new URL('.', import.meta.url)
const now = performance.now.bind(performance)

/** Starts one of the modules beside this one and waits until it says that it is ready. */
export async function start(name, { args = [], env = {}, execArgv = [], cwd } = {}) {
  const startedAt = now()
  const child = fork(fileURLToPath(new URL(name, here)), args, {
    cwd,
    env: { ...process.env, NODE_ENV: 'production', ...env },
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${name} ended with ${code}`)
    }),
  ])
  let unheard
  child.once('exit', () => unheard?.(new Error(`${name} is gone`)))
  const ask = async question => {
    const gone = new Promise((_resolve, reject) => {
      unheard = reject
    })
    const answered = once(child, 'message')
    child.send(question)
    return (await Promise.race([answered, gone]))[0]
  }
  return {
    port: message.port,
    startUpMs: now() - startedAt,
    ask,
    /** CPU time in microseconds, memory in bytes. */
    usage: () => ask('usage'),
    /** Lets it end by itself, so that a CPU profile is written. */
    async disconnect() {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** Runs a command to its end. CPU time is that of the command and its children, as the system books it for this process. */
export async function timed(args, { cwd, env = {} }) {
  const before = childCpuMs()
  const startedAt = now()
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', chunk => {
      output += chunk
    })
  }
  const [code] = await once(child, 'close')
  return { code, output, wallMs: now() - startedAt, cpuMs: childCpuMs() - before }
}

/** What ended and awaited children used: fields 16 and 17 of `/proc/self/stat`, in ticks of 10 ms. Linux only. */
function childCpuMs() {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')
    return (Number(fields[13]) + Number(fields[14])) * 10
  } catch {
    return Number.NaN
  }
}
