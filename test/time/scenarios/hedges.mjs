// A second request is sent when the first one takes long.
import { ask, sleep, stopwatch, told } from './asking.mjs'

/** Asks one path after another, `everyMs` apart, until one answers; the others are aborted. */
async function hedged(paths, everyMs) {
  const elapsed = stopwatch()
  const controllers = []
  const attempts = []
  const asked = []
  let timer
  const answer = await new Promise((resolve, reject) => {
    const launch = index => {
      const controller = new AbortController()
      controllers.push(controller)
      asked.push([index, elapsed().date])
      const attempt = ask(paths[index], { signal: controller.signal })
      attempts.push(attempt.then(resolve, error => index === paths.length - 1 && reject(error)))
      if (index + 1 < paths.length) timer = setTimeout(launch, everyMs, index + 1)
    }
    launch(0)
  })
  clearTimeout(timer)
  for (const controller of controllers) controller.abort()
  return { answer, asked, elapsed: elapsed() }
}

export const hedgeSecondWins = () => hedged(['/after/4000', '/after/500'], 600)
export const hedgeFirstWins = () => hedged(['/after/900', '/after/2000'], 400)
export const hedgeNotNeeded = () => hedged(['/after/150', '/after/10'], 900)
export const hedgeOfThree = () => hedged(['/after/1400', '/after/1400', '/after/250'], 200)
export const tenSecondHedge = () => hedged(['/after/10300', '/after/4700'], 5000)
export const identicalHedges = () => hedged(['/turn/hedge/900,120', '/turn/hedge/900,120'], 300)
export const hedgeNearTie = () => hedged(['/after/200', '/after/100'], 100)

export async function failoverAfterReset() {
  const elapsed = stopwatch()
  try {
    return await ask('/reset/70')
  } catch (error) {
    const other = await ask('/after/90')
    return { told: told(error), other, elapsed: elapsed() }
  }
}

export async function slowestOfPool() {
  const done = []
  const queue = ['/after/90', '/after/60', '/after/30', '/after/120', '/after/10']
  const worker = async name => {
    for (let path = queue.shift(); path; path = queue.shift()) {
      const answer = await Promise.race([ask(path), sleep(100, { after: 'late' })])
      done.push([name, path, answer.after])
    }
  }
  await Promise.all(['a', 'b'].map(worker))
  return done
}
