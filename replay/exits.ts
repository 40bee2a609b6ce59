import { type Execution, type Patches, throwing } from 'flux-capture/internal'
import { FluxError } from 'flux-fixtures'

/** `process.exit` and its like, refused to a program that is replayed. */
export class Exits {
  /** The execution that is being run, and what is told when it asks for the end of its process. */
  run: { readonly execution: Execution; readonly ended: () => void } | undefined

  constructor(patches: Patches, process: NodeJS.Process) {
    for (const name of ['exit', 'abort', 'reallyExit'] as const) {
      patches.replace(process as unknown as Record<string, (...args: never[]) => unknown>, name, original => {
        return (...args) => {
          const { run } = this
          if (!run || throwing()?.execution !== run.execution) return original.apply(process, args)
          run.execution.markVisible()
          run.ended()
          throw new FluxError('FLUX_LEAK', `Refused in a replay: process.${name}.`)
        }
      })
    }
  }
}
