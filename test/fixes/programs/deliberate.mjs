import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

app.get('/deliberate/:id', async (request, response) => {
  const answer = await fetch(`${upstream}/deliberate/${request.params.id}`)
  const { seats } = await answer.json()
  response.json({ free: seats.filter(seat => seat.free).length })
})
