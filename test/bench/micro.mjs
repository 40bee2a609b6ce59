// Microseconds of one clock read, draw and effect: bare, with Flux installed, and in an execution. Prints JSON.
import { randomUUID } from 'node:crypto'
import { boundaries, cross, Execution, install, runtime } from 'flux-capture/internal'
import { median } from './statistic.mjs'

const BATCH = 1000
const BATCHES = Number(process.argv[2] ?? 200)
const realNow = performance.now.bind(performance)
const limits = { effects: 1e9, instants: 1e9, logs: 1e9, bytes: 1e9 }
const frameOf = id => ({ execution: new Execution(id, { limits }), path: '', children: 0, inside: false })
const outcome = { status: 'returned', value: { rows: [] } }
const effect = { boundary: 'pg', kind: 'pg', operation: 'query', target: 'SELECT 1', request: {}, write: false }

let sink
const operations = {
  'Date.now()': () => Date.now(),
  'performance.now()': () => performance.now(),
  'Math.random()': () => Math.random(),
  'crypto.randomUUID()': () => globalThis.crypto.randomUUID(),
  'an effect': () => cross({ effect, perform: observer => observer.settled(outcome), answer() {}, blank: outcome }),
}
const names = Object.keys(operations)

/** Median over batches; each batch runs in what `within` sets up. */
function measure(within) {
  const result = Object.fromEntries(names.map(name => [name, []]))
  for (let batch = 0; batch < BATCHES; batch++) {
    for (const name of names) {
      const operation = operations[name]
      within(() => {
        const startedAt = realNow()
        for (let turn = 0; turn < BATCH; turn++) sink = operation()
        result[name].push(((realNow() - startedAt) * 1000) / BATCH)
      })
    }
  }
  return Object.fromEntries(names.map(name => [name, median(result[name])]))
}

const plain = run => run()
const inExecution = run => runtime.frames.run(frameOf(randomUUID()), run)
measure(plain)
const bare = measure(plain)
const installation = install({ global: globalThis, process }, boundaries)
runtime.ambient = frameOf('ambient')
runtime.ambient.execution.close()
measure(inExecution)
const outside = measure(plain)
const inside = measure(inExecution)
runtime.ambient = undefined
installation.uninstall()
console.log(JSON.stringify({ bare, outside, inside, sink: typeof sink }))
