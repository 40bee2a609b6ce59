import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

async function stockOf(sku) {
  const answer = await fetch(`${upstream}/retry/${sku}`)
  if (!answer.ok) throw new Error(`Stock answered ${answer.status}`)
  return (await answer.json()).stock
}

app.get('/retry/:sku', async (request, response) => {
  const stock = await stockOf(request.params.sku)
  response.json({ sku: request.params.sku, stock })
})
