/** A service that carries a secret in every place that data comes from, and a search for what is left of them. */
import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The ways in which a value may be written: as it is, escaped, percent-encoded, in hexadecimal, in base64 at any offset. */
export function formsOf(value: string): string[] {
  const bytes = Buffer.from(value)
  const shifted = [0, 1, 2].map(offset => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
  })
  const json = JSON.stringify(value).slice(1, -1)
  const html = value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')
  const forms = [
    value,
    json,
    JSON.stringify(json).slice(1, -1),
    html,
    encodeURIComponent(value),
    encodeURIComponent(encodeURIComponent(value)),
    bytes.toString('hex'),
    [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(' '),
    [...bytes].join(','),
    ...shifted,
    ...shifted.map(text => text.replaceAll('+', '-').replaceAll('/', '_')),
  ]
  return [...new Set(forms.map(form => form.toLowerCase()))]
}

/** What of the secrets stands in a text, as `name: form`. */
export function leaksIn(text: string, secrets: Readonly<Record<string, string>>): string[] {
  const runs = text.match(/[A-Za-z0-9+/_-]{12,}={0,2}/g) ?? []
  const decoded = runs.map(run => Buffer.from(run, 'base64').toString('latin1')).join('\n')
  const haystack = `${text}\n${text.replaceAll(/,\s+/g, ',')}\n${decoded}`.toLowerCase()
  return Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret)
      .filter(form => haystack.includes(form))
      .map(form => `${name}: ${form.slice(0, 60)}`),
  )
}

/** Every file below a folder, with its path as part of its text. */
export async function filesBelow(...folders: string[]): Promise<{ file: string; text: string }[]> {
  const found: { file: string; text: string }[] = []
  for (const folder of folders) {
    for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
      const file = join(entry.parentPath ?? entry.path, entry.name)
      if (file.includes('node_modules')) continue
      if (entry.isFile()) found.push({ file, text: `${file}\n${await readFile(file, 'latin1')}` })
    }
  }
  return found
}

const random = (length: number): string =>
  createHash('sha512')
    .update(randomBytes(32))
    .digest('base64')
    .replaceAll(/[^a-zA-Z0-9]/g, '')
    .slice(0, length)

function card(prefix: string): string {
  const body =
    prefix +
    String(randomBytes(6).readUIntBE(0, 6))
      .padStart(15, '7')
      .slice(-(15 - prefix.length))
  for (let digit = 0; ; digit++) {
    let sum = 0
    const digits = `${body}${digit}`
    for (let at = 0; at < 16; at++) {
      const value = Number(digits[15 - at]) * (at % 2 === 1 ? 2 : 1)
      sum += value > 9 ? value - 9 : value
    }
    if (sum % 10 === 0) return digits
  }
}

/** One fresh secret per place. Made here, so that no scanner takes this file for a leak. */
export function freshSecrets() {
  const email = (place: string) => `${place}.${random(6)}@canary-${random(5)}.io`.toLowerCase()
  return {
    bearer: random(24),
    basicUser: `u${random(9)}7`,
    basicPassword: random(12),
    sessionCookie: random(20),
    shortCookie: random(9),
    upstreamCookie: random(18),
    upstreamToken: random(22),
    upstreamEmail: email('declined'),
    password: `${random(6)}-"x'&${random(6)}`,
    token: random(18),
    apiKey: random(18),
    headerKey: random(18),
    headerToken: random(18),
    signature: random(30),
    email: email('json'),
    card: card('4012'),
    cardSpaced: card('5105').replace(/(.{4})(?=.)/g, '$1 '),
    emailText: email('text'),
    emailPath: email('path'),
    emailQuery: email('query'),
    queryToken: random(16),
    formPassword: random(14),
    formEmail: email('form'),
    multipartSecret: random(14),
    multipartEmail: email('multi'),
    nestedPassword: random(13),
    nestedEmail: email('nested'),
    base64Email: email('base64'),
    sqlLiteral: random(15),
    sqlEmail: email('literal'),
    parameter: random(15),
    rowEmail: email('row'),
    rowHash: `$2b$10$${random(40)}`,
    rowToken: random(21),
    rowNote: email('note'),
    rowJson: random(16),
    rowBytes: email('bytes'),
    detailEmail: email('detail'),
    logEmail: email('log'),
    logPassword: random(12),
    logObject: random(12),
    logBuffer: email('buf'),
    errorEmail: email('error'),
    errorToken: random(19),
    envSecret: random(20),
    envUrlPassword: random(12),
    forwarded: '203.0.114.77',
    phone: '+4917'.concat(String(randomBytes(4).readUInt32BE(0) + 1_000_000_000).slice(0, 8)),
    iban: 'DE89370400440532013000',
    jwtClaim: email('claim'),
    jwtSignature: random(43),
    uuidToken: `${randomBytes(4).toString('hex')}-1a2b-4c3d-8e4f-${randomBytes(6).toString('hex')}`,
  }
}

export type Secrets = ReturnType<typeof freshSecrets>

/** `routes.mjs` of the service. `table` is its own. */
export const ROUTES = `
import { randomBytes, randomUUID } from 'node:crypto'
import express from 'express'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 })
export const app = express()
app.use(express.json({ limit: '30mb' }))

app.post('/orders/:who', async (request, response) => {
  const { body } = request
  const table = process.env.CANARY_TABLE
  const upstream = process.env.UPSTREAM
  const session = randomBytes(16).toString('hex')
  response.setHeader('set-cookie', ['sid=' + session + '; HttpOnly; Path=/', 'rid=' + randomUUID(), 'mid=' + Math.random().toString(36).slice(2)])
  console.log('request', request.originalUrl, request.headers.cookie, 'by', body.log.email)
  console.error('login failed for %s with password=%s', body.log.email, body.log.password)
  console.log({ user: { password: body.log.object, list: [body.email] } }, Buffer.from(body.log.buffer))
  await pool.query('SELECT id FROM ' + table + ' WHERE email = $1 AND secret = $2', [body.email, body.parameter])
  await pool.query("SELECT id FROM " + table + " WHERE token = '" + body.sql.token + "' OR note LIKE '%" + body.sql.email + "%'")
  const { rows } = await pool.query('SELECT * FROM ' + table + ' ORDER BY id LIMIT 1')
  try {
    await pool.query('INSERT INTO ' + table + ' (email, token) VALUES ($1, $2)', [body.detail, body.token])
  } catch (error) {
    console.warn('insert failed:', error.detail)
  }
  await fetch(upstream + '/login', {
    method: 'POST',
    headers: { authorization: 'Basic ' + Buffer.from(body.basic.user + ':' + body.basic.password).toString('base64') },
    body: new URLSearchParams({ password: body.form.password, note: 'for ' + body.form.email }),
  })
  const boundary = 'b0undary'
  const part = (name, value) => '--' + boundary + '\\r\\nContent-Disposition: form-data; name="' + name + '"\\r\\n\\r\\n' + value + '\\r\\n'
  await fetch(upstream + '/upload?to=' + encodeURIComponent(rows[0].email), {
    method: 'PUT',
    headers: { 'content-type': 'multipart/form-data; boundary=' + boundary, 'x-api-key': process.env.PROVIDER_SECRET },
    body: part('client_secret', body.multipart.secret) + part('note', 'about ' + body.multipart.email) + '--' + boundary + '--\\r\\n',
  })
  const paid = await fetch(upstream + '/pay/' + encodeURIComponent(request.params.who), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: request.headers.authorization, cookie: request.headers.cookie },
    body: JSON.stringify({ card: body.card, session, packed: body.packed, blob: body.blob }),
  })
  const answer = await paid.json()
  throw new TypeError('payment of ' + body.error.email + ' refused: ' + answer.message + ' token=' + body.error.token)
})
`

/** `server.mjs` of the service. */
export const SERVER = `
import { app } from './routes.mjs'
const server = app.listen(0, '127.0.0.1', () => process.stdout.write('service listening on http://127.0.0.1:' + server.address().port + '\\n'))
process.on('SIGTERM', () => process.exit(0))
`

/** The one request that fails. */
export function requestOf(s: Secrets): { path: string; headers: Record<string, string>; body: string } {
  const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const jwt = `${segment({ alg: 'HS256', typ: 'JWT' })}.${segment({ sub: 7, mail: s.jwtClaim })}.${s.jwtSignature}`
  return {
    path: `/orders/${encodeURIComponent(s.emailPath)}?token=${s.queryToken}&ref=${encodeURIComponent(s.emailQuery)}&page=2`,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${s.bearer}`,
      cookie: `session=${s.sessionCookie}; theme=dark; cart=${s.shortCookie}`,
      'x-api-key': s.headerKey,
      'x-acme-access-token': s.headerToken,
      'x-hub-signature-256': `sha256=${s.signature}`,
      'x-forwarded-for': `${s.forwarded}, 10.1.2.3`,
      'user-agent': `acme-mobile/7.1 (${s.emailText})`,
    },
    body: JSON.stringify({
      password: s.password,
      token: s.token,
      apiKey: s.apiKey,
      email: s.email,
      card: s.card,
      cardText: `pay with ${s.cardSpaced} please`,
      note: `write to ${s.emailText} or call ${s.phone}, account ${s.iban}`,
      packed: JSON.stringify({ inner: JSON.stringify({ password: s.nestedPassword, note: `for ${s.nestedEmail}` }) }),
      blob: Buffer.from(`to:${s.base64Email}`).toString('base64'),
      parameter: s.parameter,
      secret: s.parameter,
      sql: { token: s.sqlLiteral, email: s.sqlEmail },
      detail: s.detailEmail,
      basic: { user: s.basicUser, password: s.basicPassword },
      form: { password: s.formPassword, email: s.formEmail },
      multipart: { secret: s.multipartSecret, email: s.multipartEmail },
      log: { email: s.logEmail, password: s.logPassword, object: s.logObject, buffer: s.logBuffer },
      error: { email: s.errorEmail, token: s.errorToken },
      jwt,
      sessionToken: s.uuidToken,
    }),
  }
}
