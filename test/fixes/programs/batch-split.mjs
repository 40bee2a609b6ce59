import { flux } from 'flux-capture'

const upstream = process.env.UPSTREAM_URL

async function send(mails) {
  const answer = await fetch(`${upstream}/batch-split`, { method: 'POST', body: JSON.stringify(mails) })
  if (!answer.ok) throw new Error(await answer.text())
}

async function sendAll(mails) {
  await send(mails)
  return { sent: mails.length }
}

export const job = flux.wrap('batch-split', sendAll)
