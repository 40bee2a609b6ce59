import type { NextFunction, Request, Response } from 'express'
import express from 'express'
import { checkout } from './checkout.ts'

export const app = express()

app.use(express.json())
app.post('/checkout', checkout)
app.use(answerError)

// Express tells an error handler from a middleware by its four parameters.
function answerError(error: Error & { status?: number }, _request: Request, response: Response, _next: NextFunction) {
  if (error.status !== undefined && error.status < 500) {
    response.status(error.status).json({ error: error.message })
    return
  }
  console.error(error)
  response.status(500).json({ error: 'internal' })
}
