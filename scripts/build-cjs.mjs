// Bundles what is loaded by `require`: plain jest loads flux-capture and jest-environment-flux/replay in its sandbox, and
// `node --require flux-capture/register` needs it.
import { readFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const packages = { capture: ['index', 'register'], 'jest-environment': ['replay'] }

/** A bundle lies elsewhere than its modules: each keeps the address it would have had, for the worker and for stacks. */
const addresses = outdir => ({
  name: 'addresses',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      if (!text.includes('import.meta.url')) return undefined
      const place = JSON.stringify(relative(outdir, path).replaceAll('\\', '/'))
      const address = `new URL(${place}, require('node:url').pathToFileURL(__filename)).href`
      return { contents: text.replaceAll('import.meta.url', address), resolveDir: dirname(path) }
    })
  },
})

for (const [folder, entries] of Object.entries(packages)) {
  const dist = fileURLToPath(new URL(`../${folder}/dist`, import.meta.url))
  const outdir = `${dist}/cjs`
  await build({
    entryPoints: Object.fromEntries(entries.map(name => [name, `${dist}/${name}.js`])),
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
    plugins: [addresses(outdir)],
  })
}
