/** Real processes for tests and the demo: started, awaited until they say where they listen, killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

export interface StartedProcess {
  /** What it printed after `listening on`. */
  readonly url: string
  readonly child: ChildProcess
  /** Everything it printed so far. */
  output(): string
  stop(): Promise<void>
}

/**
 * Starts a TypeScript program that prints `… listening on <url>`.
 * @param file relative to `cwd`
 * @throws when it ends, or says nothing for 30 s
 */
export async function startProcess(
  file: string,
  env: Readonly<Record<string, string>> = {},
  options: { readonly cwd?: string; readonly args?: readonly string[]; readonly preload?: readonly string[] } = {},
): Promise<StartedProcess> {
  const cwd = options.cwd ?? process.cwd()
  const imports = ['tsx', ...(options.preload ?? [])].flatMap(name => ['--import', name])
  const child = spawn(process.execPath, [...imports, resolve(cwd, file), ...(options.args ?? [])], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const url = await new Promise<string>((found, failed) => {
    const silence = setTimeout(() => failed(new Error(`${file} does not listen:\n${output}`)), 30_000)
    const hear = (chunk: Buffer) => {
      output += chunk
      const said = / listening on (\S+)/.exec(output)?.[1]
      if (said === undefined) return
      clearTimeout(silence)
      found(said)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', code => failed(new Error(`${file} ended with ${code}:\n${output}`)))
  })
  return {
    url,
    child,
    output: () => output,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      const impatient = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await gone
      clearTimeout(impatient)
    },
  }
}
