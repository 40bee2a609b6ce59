import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

app.get('/html-page/:city', async (request, response) => {
  const answer = await fetch(`${upstream}/html-page/${request.params.city}`)
  const weather = await answer.json()
  response.json({ city: request.params.city, degrees: weather.degrees })
})
