// The service that is measured: three queries and one fetch per order.
import express from 'express'

/** Orders with a coupon fail: the provider's answer has no discount. */
const codeOf = quote => quote.discount.code

/** Places an order through a pool of pg, or whatever a stub puts in its place. */
export async function placeOrder(pool, quotesUrl, { customerId, lines, coupon }) {
  const skus = lines.map(line => line.sku)
  const customers = await pool.query('SELECT id, name, tier, since FROM flux_bench_customers WHERE id = $1', [
    customerId,
  ])
  const articles = await pool.query(
    'SELECT sku, title, price, stock FROM flux_bench_articles WHERE sku = ANY($1) ORDER BY sku',
    [skus],
  )
  const answer = await fetch(`${quotesUrl}/quotes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tier: customers.rows[0].tier, lines }),
  })
  const quote = await answer.json()
  const total = quote.lines.reduce((sum, line) => sum + line.price * line.quantity, 0)
  const placed = await pool.query(
    'INSERT INTO flux_bench_orders (customer_id, total, placed_at) VALUES ($1, $2, $3) RETURNING id',
    [customerId, total, new Date()],
  )
  const discount = coupon === undefined ? undefined : codeOf(quote)
  return {
    id: placed.rows[0].id,
    reference: Math.random().toString(36).slice(2, 10),
    customer: customers.rows[0],
    total,
    discount,
    lines: quote.lines,
    articles: articles.rows,
  }
}

/** `POST /orders`. */
export function orders(pool, quotesUrl) {
  return async (request, response) => {
    response.status(201).json(await placeOrder(pool, quotesUrl, request.body))
  }
}

export function createApp(pool, quotesUrl) {
  const app = express()
  app.use(express.json())
  app.post('/orders', orders(pool, quotesUrl))
  // Express tells an error handler from a middleware by its four parameters.
  app.use((_error, _request, response, _next) => {
    response.status(500).json({ error: 'internal' })
  })
  return app
}
