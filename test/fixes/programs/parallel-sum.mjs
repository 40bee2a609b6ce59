import { flux } from 'flux-capture'

const upstream = process.env.UPSTREAM_URL

async function priceOf(sku) {
  return (await (await fetch(`${upstream}/parallel-sum/${sku}`)).json()).price
}

async function total(skus, expected) {
  let sum = 0
  await Promise.all(
    skus.map(async sku => {
      sum = sum + (await priceOf(sku))
    }),
  )
  if (sum !== expected) throw new Error('The total is wrong')
  return { sum }
}

export const job = flux.wrap('parallel-sum', total)
