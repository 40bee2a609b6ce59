import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

async function limit() {
  const answer = await fetch(`${upstream}/backoff`)
  if (!answer.ok) throw new Error(`Limits answered ${answer.status}`)
  return (await answer.json()).limit
}

app.get('/backoff', async (_, response) => {
  response.json({ limit: await limit() })
})
