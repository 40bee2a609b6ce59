import type { Request, Response } from 'express'
import { findCart, placeOrder } from './orders.ts'
import { askPrices } from './prices.ts'
import { Refusal } from './refusal.ts'

interface Checkout {
  cartId: number
  email?: string
  payment: { token: string; card: string }
}

/** `POST /checkout`: turns the caller's open cart into an order. */
export async function checkout(request: Request, response: Response): Promise<void> {
  const session = /^Bearer (\S+)$/.exec(request.get('authorization') ?? '')?.[1]
  if (!session) throw new Refusal(401, 'Sign in first')
  if (!isCheckout(request.body)) throw new Refusal(400, 'cartId, payment.token and payment.card are required')
  const { cartId, email, payment } = request.body

  const cart = await findCart(cartId, session)
  if (!cart) throw new Refusal(404, 'No such open cart')
  if (cart.lines.length === 0) throw new Refusal(400, 'The cart is empty')

  const quote = await askPrices(cart.lines)
  const lines = cart.lines.map(line => {
    const price = quote.prices.get(line.sku)
    if (price === undefined) throw new Refusal(409, `${line.sku} is no longer sold`)
    return { ...line, price }
  })

  const order = await placeOrder(cart, {
    email: email ?? cart.email,
    paymentToken: payment.token,
    cardLast4: payment.card.slice(-4),
    quoteToken: quote.token,
    lines,
  })
  response.status(201).json({ orderId: order.id, total: order.total, currency: 'EUR', placedAt: order.placedAt })
}

function isCheckout(body: unknown): body is Checkout {
  const { cartId, email, payment } = (body ?? {}) as Partial<Checkout>
  return (
    Number.isInteger(cartId) &&
    (email === undefined || isText(email, /^\S+@\S+$/)) &&
    isText(payment?.token, /^\S+$/) &&
    isText(payment?.card, /^\d{12,19}$/)
  )
}

function isText(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value)
}
