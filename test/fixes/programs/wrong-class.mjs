import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

app.get('/wrong-class/:user', async (request, response) => {
  try {
    const settings = await (await fetch(`${upstream}/wrong-class/${request.params.user}`)).text()
    response.json({ theme: JSON.parse(settings).theme })
  } catch (error) {
    if (error instanceof TypeError) return response.json({ theme: 'light' })
    throw error
  }
})
