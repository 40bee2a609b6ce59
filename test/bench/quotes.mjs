// The price provider that the service fetches from.
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    const { tier, lines } = JSON.parse(Buffer.concat(chunks).toString())
    const priced = lines.map(({ sku, quantity }, index) => ({
      sku,
      quantity,
      price: 450 + index * 90,
      options: { tier, taxRate: 0.19, warehouse: 'north', deliverable: true, note: 'ships within two working days' },
    }))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ currency: 'EUR', lines: priced }))
  })
})
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit())
