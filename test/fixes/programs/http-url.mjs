import { flux } from 'flux-capture'

const upstream = process.env.UPSTREAM_URL

async function findStreet(name) {
  const answer = await fetch(`${upstream}/http-url/search?q=${name}`)
  if (!answer.ok) throw new Error(`The search answered ${answer.status}`)
  const { hits } = await answer.json()
  return hits[0]
}

export const job = flux.wrap('http-url', findStreet)
