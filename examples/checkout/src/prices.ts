import type { CartLine } from './orders.ts'

/** What the provider asks for each article, in cents, and the token that makes it honour them. */
export interface Quote {
  token: string
  prices: Map<string, number>
}

interface Answer {
  token: string
  prices: { sku: string; price: number }[]
}

export async function askPrices(lines: CartLine[]): Promise<Quote> {
  const response = await fetch(`${process.env.PRICES_URL ?? 'http://127.0.0.1:4010'}/v1/quotes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.PRICES_KEY}` },
    body: JSON.stringify({ currency: 'EUR', lines }),
    signal: AbortSignal.timeout(5000),
  })
  if (!response.ok) throw new Error(`The price provider answered ${response.status}`)

  const answer = (await response.json()) as Answer
  return { token: answer.token, prices: new Map(answer.prices.map(({ sku, price }) => [sku, price])) }
}
