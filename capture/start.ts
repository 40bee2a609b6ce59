import { isMainThread } from 'node:worker_threads'
import { FluxError } from 'flux-fixtures'
import { isAddress, loadConfig, type Settings } from './config.ts'
import { install } from './install.ts'
import type { Patches } from './patch.ts'
import { processEnvironment } from './record/environment.ts'
import { Recorder } from './record/recorder.ts'
import { Writer } from './record/writer.ts'
import { runtime } from './runtime.ts'
import { installHttp } from './trigger/http.ts'

const env = process.env
const write = process.stderr.write.bind(process.stderr)

/**
 * Starts to capture in this process, once: installs the boundaries and triggers. Does nothing in a replay, in worker threads
 * and with `FLUX=off`. A configuration that cannot be read leaves capture off, with one line on stderr. Never throws.
 *
 * @returns whether the process captures now
 */
export function start(): boolean {
  if (runtime.recorder) return true
  if (runtime.uninstall || !isMainThread || env.FLUX?.toLowerCase() === 'off') return false
  try {
    const settings = loadConfig(process.cwd(), env)
    if (settings.capture.when === 'never') return false
    refuseWeaker(settings)
    capture(settings)
    return true
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    say(`capture is off: ${reason.replaceAll('\n', ' ')}`)
    return false
  }
}

/** Rules that this version cannot follow are never replaced by weaker ones. */
function refuseWeaker({ sanitize, store }: Settings): void {
  const beyond =
    sanitize.policy === 'strict' ? "sanitize.policy 'strict'" : sanitize.rules?.length ? 'sanitize.rules' : undefined
  if (beyond) throw new FluxError('FLUX_CONFIG', `This version cannot follow ${beyond} yet.`)
  if (isAddress(store)) throw new FluxError('FLUX_CONFIG', 'This version writes to a directory only.')
}

function capture(settings: Settings): void {
  const writer = new Writer({ store: settings.store }, say)
  const recorder = new Recorder(settings, processEnvironment(env, process.cwd()), writer)
  const installation = install()
  installHttp(installation.patches)
  watchProcess(installation.patches, recorder, writer)
  installation.sync()
  runtime.ambient = recorder.warmth.frame
  runtime.recorder = recorder
  runtime.uninstall = () => {
    runtime.ambient = undefined
    runtime.recorder = undefined
    runtime.uninstall = undefined
    installation.uninstall()
  }
}

type Emit = (this: NodeJS.Process, event: string, ...args: unknown[]) => boolean

/** A listener for `unhandledRejection` would keep Node from ending the process: that event is seen in passing. */
function watchProcess(patches: Patches, recorder: Recorder, writer: Writer): void {
  const died = (error: unknown) => recorder.uncaught(error, true)
  const exited = (code: number) => {
    recorder.close(code)
    writer.flush()
  }
  process.on('uncaughtExceptionMonitor', died)
  process.on('exit', exited)
  patches.onRestore(() => {
    process.off('uncaughtExceptionMonitor', died)
    process.off('exit', exited)
  })
  patches.replace(process as unknown as { emit: Emit }, 'emit', original => {
    return function (event, ...args) {
      if (event === 'unhandledRejection') recorder.uncaught(args[0], false)
      return Reflect.apply(original, this, [event, ...args])
    }
  })
}

function say(line: string): void {
  write(`flux: ${line}\n`)
}
