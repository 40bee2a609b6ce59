import { flux } from 'flux-capture'

const upstream = process.env.UPSTREAM_URL

function within(milliseconds, work) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('Too slow')), milliseconds)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

async function degreesIn(city) {
  const { degrees } = await (await fetch(`${upstream}/race-timer/${city}`)).json()
  return degrees
}

async function advise(city) {
  const degrees = await within(30, degreesIn(city))
  return { coat: degrees < 10 }
}

export const job = flux.wrap('race-timer', advise)
