import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

async function stations() {
  const answer = await fetch(`${upstream}/truncated`)
  return await answer.json()
}

app.get('/truncated', async (_, response) => {
  const found = await stations()
  response.json({ stations: found.length })
})
