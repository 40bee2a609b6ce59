// The tables of the service and what it is asked.
import pg from 'pg'

export const SKUS = Array.from({ length: 8 }, (_, index) => `sku-${String(index).padStart(3, '0')}`)

/** An order of eight articles; with a coupon it fails. */
export function orderOf(number, coupon) {
  return JSON.stringify({
    customerId: 1 + (number % 50),
    lines: SKUS.map((sku, index) => ({ sku, quantity: 1 + ((number + index) % 4), wish: 'wrapped, with a card' })),
    ...(coupon && { coupon }),
  })
}

const SCHEMA = `
  CREATE TABLE flux_bench_customers (id int PRIMARY KEY, name text, tier text, since timestamptz);
  CREATE TABLE flux_bench_articles (sku text PRIMARY KEY, title text, price int, stock int);
  CREATE UNLOGGED TABLE flux_bench_orders (id serial PRIMARY KEY, customer_id int, total int, placed_at timestamptz);
  INSERT INTO flux_bench_customers
    SELECT n, 'customer ' || n, 'silver', '2024-05-01T10:00:00Z' FROM generate_series(1, 50) AS n;
  INSERT INTO flux_bench_articles SELECT 'sku-' || lpad(n::text, 3, '0'), 'article number ' || n, 400 + n, 1000
    FROM generate_series(0, 99) AS n`
const DROP = 'DROP TABLE IF EXISTS flux_bench_customers, flux_bench_articles, flux_bench_orders'

/** Makes the tables anew. @returns the version of the server, and what takes the tables away again */
export async function prepare(url) {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(DROP)
  await client.query(SCHEMA)
  const { rows } = await client.query('SHOW server_version')
  return {
    version: rows[0].server_version,
    async remove() {
      await client.query(DROP)
      await client.end()
    },
  }
}
