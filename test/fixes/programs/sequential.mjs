import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

async function starsOf(repository) {
  const { stars } = await (await fetch(`${upstream}/sequential/${repository}`)).json()
  return stars.toFixed()
}

app.get('/sequential/:names', async (request, response) => {
  const stars = []
  for (const name of request.params.names.split(',')) stars.push(await starsOf(name))
  response.json({ stars })
})
