import { flux } from 'flux-capture'

const HOURS = { Mon: '8-18', Tue: '8-18', Wed: '8-18', Thu: '8-20', Fri: '8-16' }
const upstream = process.env.UPSTREAM_URL

async function pickUp(parcel) {
  const { arrives } = await (await fetch(`${upstream}/saturday/${parcel}`)).json()
  const day = new Date(arrives).toLocaleDateString('en-GB', { weekday: 'short' })
  const [opens] = HOURS[day].split('-')
  return { parcel, from: `${day} ${opens}:00` }
}

export const job = flux.wrap('saturday', pickUp)
