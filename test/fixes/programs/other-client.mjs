import express from 'express'

const upstream = process.env.UPSTREAM_URL

async function search(text) {
  const query = JSON.stringify({ match: text })
  const answer = await fetch(`${upstream}/other-client`, { method: 'GET', body: query })
  return await answer.json()
}

export const app = express()

app.get('/other-client', async (request, response) => {
  const { hits } = await search(request.query.q)
  response.json({ hits })
})
