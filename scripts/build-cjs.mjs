// Bundles. What is loaded by `require`: plain jest loads flux-capture and jest-environment-flux/replay in its sandbox, and
// `node --require flux-capture/register` needs it. And flux-replay with all it needs, because every test file loads it anew:
// one file loads in a fifth of the time that 130 take.
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A bundle lies elsewhere than its modules: each keeps the address it would have had, for the worker and for stacks. */
const addresses = (outdir, here) => ({
  name: 'addresses',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      if (!text.includes('import.meta.url')) return undefined
      const place = JSON.stringify(relative(outdir, path).replaceAll('\\', '/'))
      const address = `new URL(${place}, ${here}).href`
      return { contents: text.replaceAll('import.meta.url', address), resolveDir: dirname(path) }
    })
  },
})

for (const [folder, entries] of Object.entries({ capture: ['index', 'register'], 'jest-environment': ['replay'] })) {
  const outdir = join(root, folder, 'dist/cjs')
  await bundle(folder, entries, {
    outdir,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    plugins: [addresses(outdir, "require('node:url').pathToFileURL(__filename)")],
  })
}

const outdir = join(root, 'replay/dist/bundle')
const { metafile } = await bundle('replay', ['index', 'runner'], {
  outdir,
  format: 'esm',
  splitting: true,
  chunkNames: 'shared',
  metafile: true,
  // CommonJS modules within ask for built-ins by `require`.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module';const require = requireOf(import.meta.url);",
  },
  plugins: [addresses(outdir, 'import.meta.url')],
})
await writeFile(join(outdir, 'NOTICES.txt'), await notices(metafile))

function bundle(folder, entries, options) {
  return build({
    entryPoints: Object.fromEntries(entries.map(name => [name, join(root, folder, `dist/${name}.js`)])),
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    absWorkingDir: root,
    ...options,
  })
}

/** The licences of what others wrote in a bundle. */
async function notices({ inputs }) {
  const found = Object.keys(inputs).map(path => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
  const texts = [...new Set(found)].filter(Boolean).map(async name => {
    const folder = join(root, 'node_modules', name)
    const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    const file = ['LICENSE', 'LICENSE.md', 'LICENCE'].map(one => join(folder, one)).find(existsSync)
    return `${name} ${version}, ${license}\n\n${file ? await readFile(file, 'utf8') : ''}`
  })
  return (await Promise.all(texts)).join('\n\n')
}
