import http from 'node:http'

const upstream = process.env.UPSTREAM_URL

async function total(basket) {
  const response = await fetch(`${upstream}/payload-shape?basket=${basket}`)
  const { items } = await response.json()
  return items.reduce((sum, item) => sum + item.price, 0)
}

export const app = http.createServer(async (request, response) => {
  const basket = new URL(request.url, 'http://basket').searchParams.get('basket')
  try {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ basket, total: await total(basket) }))
  } catch (error) {
    response.statusCode = 500
    response.end(JSON.stringify({ error: error.message }))
  }
})
