import { flux } from 'flux-capture'

const upstream = process.env.UPSTREAM_URL

async function latestRelease(product) {
  const releases = await (await fetch(`${upstream}/map-order/${product}`)).json()
  const byVersion = new Map(releases.map(release => [release.version, release]))
  const [latest] = byVersion.values()
  return { version: latest.version, file: latest.files[0].name }
}

export const job = flux.wrap('map-order', latestRelease)
