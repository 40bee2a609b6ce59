import { randomUUID } from 'node:crypto'
import { pool, transaction } from './database.ts'
import { Refusal } from './refusal.ts'

export interface CartLine {
  sku: string
  quantity: number
}

export interface Cart {
  id: number
  customerId: number
  email: string
  lines: CartLine[]
}

/** An order about to be placed; money is in cents. */
export interface Draft {
  email: string
  paymentToken: string
  cardLast4: string
  quoteToken: string
  lines: (CartLine & { price: number })[]
}

export interface Order {
  id: string
  total: number
  placedAt: Date
}

/** The open cart with this id, when it belongs to the customer of the session. */
export async function findCart(cartId: number, session: string): Promise<Cart | undefined> {
  const carts = await pool.query<Omit<Cart, 'lines'>>(
    `SELECT carts.id, customers.id AS "customerId", customers.email
       FROM carts
       JOIN customers ON customers.id = carts.customer_id
       JOIN sessions ON sessions.customer_id = customers.id
      WHERE carts.id = $1 AND carts.status = 'open' AND sessions.token = $2`,
    [cartId, session],
  )
  const cart = carts.rows[0]
  if (!cart) return undefined
  const lines = await pool.query<CartLine>('SELECT sku, quantity FROM cart_lines WHERE cart_id = $1 ORDER BY sku', [
    cart.id,
  ])
  return { ...cart, lines: lines.rows }
}

/** Writes the order and closes its cart, both or neither. */
export async function placeOrder(cart: Cart, draft: Draft): Promise<Order> {
  const order = {
    id: randomUUID(),
    total: draft.lines.reduce((total, { price, quantity }) => total + price * quantity, 0),
    placedAt: new Date(),
  }
  await transaction(async client => {
    await client.query(
      `INSERT INTO orders
         (id, cart_id, customer_id, email, payment_token, card_last4, quote_token, total, placed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        order.id,
        cart.id,
        cart.customerId,
        draft.email,
        draft.paymentToken,
        draft.cardLast4,
        draft.quoteToken,
        order.total,
        order.placedAt,
      ],
    )
    for (const { sku, quantity, price } of draft.lines) {
      await client.query('INSERT INTO order_lines (order_id, sku, quantity, price) VALUES ($1, $2, $3, $4)', [
        order.id,
        sku,
        quantity,
        price,
      ])
    }
    const closed = await client.query(
      `UPDATE carts SET status = 'ordered', updated_at = $2 WHERE id = $1 AND status = 'open'`,
      [cart.id, order.placedAt],
    )
    if (closed.rowCount === 0) throw new Refusal(409, 'The cart has been ordered already')
  })
  return order
}
