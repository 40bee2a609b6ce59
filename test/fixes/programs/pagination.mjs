import express from 'express'

const upstream = process.env.UPSTREAM_URL

export const app = express()

app.get('/pagination', async (_, response) => {
  const names = []
  let path = '/pagination/1'
  for (;;) {
    const page = await (await fetch(`${upstream}${path}`)).json()
    names.push(...page.names)
    path = page.next.path
    if (path === '') break
  }
  response.json({ names })
})
