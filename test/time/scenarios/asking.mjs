// What all scenarios share: how they ask and how they look at the clock.
import http from 'node:http'

/** The address of a path of the upstream. */
export function urlOf(path) {
  return `${process.env.UPSTREAM}${path}`
}

/** Asks with fetch. @returns status and parsed body */
export async function ask(path, init) {
  const response = await fetch(urlOf(path), init)
  return { status: response.status, ...(await response.json()) }
}

/** Asks with node:http. @returns status and text */
export function askHttp(path, options = {}) {
  return new Promise((resolve, reject) => {
    const request = http.get(urlOf(path), options, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode, text }))
      response.on('error', reject)
    })
    // Without options of its own a request hears of the 5 s of Node's shared agent.
    if (Object.keys(options).length > 0) {
      request.on('timeout', () => request.destroy(Object.assign(new Error('idle for too long'), { code: 'IDLE' })))
    }
    request.on('error', reject)
  })
}

/** A promise of a timer: the plainest there is. */
export function sleep(ms, value) {
  return new Promise(resolve => setTimeout(resolve, ms, value))
}

/** Starts two clocks. @returns what reads the milliseconds since */
export function stopwatch() {
  const [date, exact] = [Date.now(), performance.now()]
  return () => ({ date: Date.now() - date, exact: performance.now() - exact })
}

/** Name and code of an error, deep enough for those of fetch. */
export function told(error) {
  const cause = error.cause?.code ?? error.cause?.name
  return [error.name, error.code, cause].filter(part => part !== undefined).join(' ')
}
