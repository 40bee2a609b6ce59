import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

app.post('/http-body', express.json(), async (request, response) => {
  const answer = await fetch(`${upstream}/http-body/invoices`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ amount: request.body.amount.toLocaleString('de-DE') }),
  })
  const { number, error } = await answer.json()
  if (error) throw new Error(error)
  response.status(201).json({ number })
})
