/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'
import { FluxError } from 'flux-fixtures'
import { toldToRunner } from 'flux-replay/runner'
import type { Vite } from 'vitest/node'

/** Settings of the plugin: none so far; projects are configured in `flux.config.mjs`. */
export type FluxPluginOptions = Record<never, never>

/**
 * The vitest plugin: `plugins: [flux()]`. It adds one setup file, which does nothing in test files without a
 * `// @flux-fixture` line.
 * @throws FluxError `FLUX_POOL` at start-up for `vmThreads`, `vmForks` and `isolate: false`
 */
export default function flux(_options: FluxPluginOptions = {}): Vite.Plugin {
  return {
    name: 'vitest-plugin-flux',
    // Setup files run after vitest took its own timers and before the test file is imported; an environment's setup
    // runs before that, and would put the runner's time-outs on virtual time.
    // All of Flux is loaded by Node itself, once per worker, also where it is linked instead of installed.
    config: () => ({
      test: {
        setupFiles: [fileURLToPath(new URL('./setup.js', import.meta.url))],
        server: { deps: { external: packages() } },
      },
    }),
    configureVitest({ project }) {
      const { pool, isolate, browser } = project.config
      if (browser?.enabled) throw refuse('browser mode')
      if (/^vm/i.test(String(pool))) throw refuse(`pool: '${String(pool)}'`)
      if (isolate === false) throw refuse('isolate: false')
    },
  }
}

/** Where Flux is, wherever it is linked from. */
function packages(): RegExp[] {
  const others = ['flux-replay', 'flux-capture', 'flux-fixtures'].map(name => import.meta.resolve(name))
  return ['./index.js', ...others].map(module => {
    const folder = fileURLToPath(new URL('.', new URL(module, import.meta.url)))
    return new RegExp(`^${folder.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)
  })
}

function refuse(setting: string): unknown {
  return toldToRunner(
    new FluxError(
      'FLUX_POOL',
      `vitest is configured with ${setting}: a Flux fixture must control its program from the first import on.`,
    ),
  )
}
