import { setTimeout as pause } from 'node:timers/promises'
import { flux } from 'flux-capture'

const upstream = process.env.UPSTREAM_URL

async function untilDone(print) {
  for (;;) {
    const state = await (await fetch(`${upstream}/polling/${print}`)).json()
    if (state.pages !== null) return { pages: state.pages.length }
    await pause(25)
  }
}

export const job = flux.wrap('polling', untilDone)
