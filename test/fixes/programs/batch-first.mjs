import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

app.get('/batch-first', async (request, response) => {
  const prices = []
  for (const id of request.query.ids.split(',')) {
    const { price } = await (await fetch(`${upstream}/batch-first/items/${id}`)).json()
    prices.push(price.toFixed(2))
  }
  response.json({ prices })
})
