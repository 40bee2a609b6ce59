import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

app.get('/json-path/:parcel', async (request, response) => {
  const quote = await (await fetch(`${upstream}/json-path/${request.params.parcel}`)).json()
  const price = quote.price.total.toFixed(2)
  response.json({ parcel: request.params.parcel, price })
})
