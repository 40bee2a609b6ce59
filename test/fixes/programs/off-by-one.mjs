import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

function distance(stops) {
  let metres = 0
  for (let at = 0; at <= stops.length; at++) metres += stops[at].metres
  return metres
}

app.get('/off-by-one', async (_, response) => {
  const { stops } = await (await fetch(`${upstream}/off-by-one`)).json()
  response.json({ metres: distance(stops) })
})
