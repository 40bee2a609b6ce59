import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

app.get('/for-each/:ids', async (request, response) => {
  const scores = []
  request.params.ids.split(',').forEach(async id => {
    scores.push(await (await fetch(`${upstream}/for-each/${id}`)).json())
  })
  const best = scores.sort((a, b) => b.points - a.points)[0]
  response.json({ winner: best.name })
})
