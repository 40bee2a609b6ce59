import pg from 'pg'
import { createApp } from './service.mjs'

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 5 })
export const app = createApp(pool, process.env.QUOTES_URL)
