import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'

interface Line {
  sku: string
  quantity: number
}

const catalogue = new Map([
  ['mug-blue', 1450],
  ['tea-assam', 890],
  ['kettle-steel', 5900],
])

const { values } = parseArgs({ options: { date: { type: 'string', default: process.env.PROVIDER_DATE } } })

function today(): Date {
  return values.date ? new Date(values.date) : new Date()
}

function isWeekend(date: Date): boolean {
  return date.getUTCDay() === 0 || date.getUTCDay() === 6
}

function quote(lines: Line[]): object {
  const token = `qt_${randomUUID().replaceAll('-', '')}`
  const priced = lines.map(({ sku, quantity }) => {
    const price = catalogue.get(sku) ?? 0
    // Ten or more of a kind are cheaper.
    return { sku, price: quantity >= 10 ? Math.round(price * 0.9) : price }
  })
  // Weekend traffic is arm B of the test of the new quote format.
  if (isWeekend(today())) {
    const items = priced.map(({ sku, price }) => ({ sku, unit: { amount: price, currency: 'EUR' } }))
    return { token, quote: { items } }
  }
  return { token, prices: priced }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const server = createServer(async (request, response) => {
  try {
    if (request.method !== 'POST' || request.url !== '/v1/quotes') return answer(response, 404, { error: 'not found' })
    if (!request.headers.authorization?.startsWith('Bearer ')) return answer(response, 401, { error: 'no key' })
    const { lines } = (await readJson(request)) as { lines: Line[] }
    answer(response, 200, quote(lines))
  } catch {
    answer(response, 400, { error: 'bad request' })
  }
})

server.listen(Number(process.env.PORT ?? 4010), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(`provider listening on http://127.0.0.1:${port} (${today().toUTCString().slice(0, 16)})`)
})

process.once('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
})
