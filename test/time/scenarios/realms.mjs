// What a runner's sandbox has twice: the classes of the language, and the clocks that Node reads for itself.
import { stat } from 'node:fs/promises'
import { ask, sleep, urlOf } from './asking.mjs'

class Refusal extends Error {}

const failureOf = promise => promise.then(undefined, error => error)

const kinds = error => [
  error instanceof Error,
  error instanceof TypeError,
  error instanceof RangeError,
  error instanceof Refusal,
  error instanceof Object,
  error.cause instanceof Error,
  error.cause instanceof TypeError,
  error.cause?.code,
]

/** One of each kind that Node makes, as the program sees it. */
export async function classesOfNode() {
  const asked = fetch(urlOf('/after/20'))
  const json = await (await asked).json()
  const list = await new Response('[{}]').json()
  return {
    promise: asked instanceof Promise,
    object: [json instanceof Object, json instanceof Array, Object.create(null) instanceof Object],
    list: [list instanceof Array, list[0] instanceof Object],
    date: (await stat('package.json')).mtime instanceof Date,
    own: [new Refusal() instanceof Error, new Refusal() instanceof Refusal, new TypeError() instanceof RangeError],
  }
}

export async function classesOfFailures() {
  const cut = fetch(urlOf('/cut/20,20')).then(response => response.text())
  const gone = fetch(urlOf('/reset/20'))
  const ofBody = async function* () {
    yield 'one'
    throw new RangeError('of the program')
  }
  const thrown = fetch(urlOf('/after/5'), { method: 'POST', body: ofBody(), duplex: 'half' })
  const aborted = fetch(urlOf('/after/300'), { signal: AbortSignal.timeout(30) })
  const failures = await Promise.all([cut, gone, thrown, aborted, stat('nowhere')].map(failureOf))
  return failures.map(kinds)
}

/** Node's own libraries read clocks as well. */
export async function clocksOfLibraries() {
  const seen = []
  const look = () => seen.push([Date.now(), performance.now(), Number(process.hrtime.bigint() % 1_000_000_000n)])
  look()
  console.time('asked')
  await ask('/after/20')
  console.timeEnd('asked')
  look()
  const form = new FormData()
  form.append('file', new Blob(['text']), 'file.txt')
  const parsed = await new Response(form).formData()
  look()
  await sleep(20)
  look()
  return { seen, size: parsed.get('file').size }
}

/** vitest's console notes the time of each line. */
export async function clocksBesideLogs() {
  const seen = []
  for (const line of ['one', 'two', 'three']) {
    console.log(line)
    console.dir({ line })
    seen.push([Date.now(), performance.now()])
    await sleep(15)
    console.error(line)
    seen.push([Date.now(), performance.now()])
  }
  return seen
}
