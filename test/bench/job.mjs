// The service without HTTP: what a queue or a scheduler calls.
import { flux } from 'flux-capture'
import pg from 'pg'
import { placeOrder } from './service.mjs'

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 5 })
export const place = flux.wrap('place an order', order => placeOrder(pool, process.env.QUOTES_URL, order))
