import { flux } from 'flux-capture'

const DAY_MS = 86_400_000
const upstream = process.env.UPSTREAM_URL

async function priceStay(arrival, departure) {
  const { rate } = await (await fetch(`${upstream}/date-dst/rate`)).json()
  const nights = (new Date(...departure) - new Date(...arrival)) / DAY_MS
  const prices = new Array(nights).fill(rate)
  return { nights, total: prices.reduce((sum, price) => sum + price, 0) }
}

export const job = flux.wrap('date-dst', priceStay)
