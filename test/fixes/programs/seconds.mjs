import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

app.get('/seconds', async (_, response) => {
  const { expires } = await (await fetch(`${upstream}/seconds`)).json()
  if (new Date(expires) < new Date()) throw new Error('The voucher has expired')
  response.json({ valid: true })
})
