/** The story of the bug that exists only on Saturdays, told with real processes in a copy of this folder. */
import { type Finished, Shop } from '../../test/shop.ts'

const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined
const forced: Record<string, string> = colour ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }
const startedAt = Date.now()

const shop = await Shop.copy()
try {
  say('A small shop runs in production: Express 5, pg, a price provider. No line of its code knows Flux.')
  typed('node --import flux-capture/register src/server.ts')
  const id = await failOnSaturday()
  say('Everything is switched off now: no shop, no database, no provider. The recording is on disk.')
  type('npx flux list', shop.flux('list'))
  type(`npx flux pull ${id}`, shop.flux('pull', id))
  type(
    `npx flux pull ${id} --runner jest --out test/jest`,
    shop.flux('pull', id, '--runner', 'jest', '--out', 'test/jest'),
  )
  say('Red, in both runners, with nothing there to connect to.')
  type('npx vitest run', shop.vitest([], forced), 1)
  type('npx jest', shop.jest([], forced), 1)
  say('The fix: read the shape that the provider sends on weekends.')
  type('git apply fix.patch', shop.fix('--verbose'))
  say('Green, in both.')
  type('npx vitest run', shop.vitest([], forced))
  type('npx jest', shop.jest([], forced))
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0)
  say(`Red, then green, in ${seconds} s. The test stays; the bug does not come back.`)
} finally {
  await shop.remove()
}

/** Production: a good Wednesday, then a Saturday. Returns the id that the failed request was answered with. */
async function failOnSaturday(): Promise<string> {
  const answers = await shop.produce(
    { PRICES_KEY: 'prices-key-of-the-demo', FLUX_COMMIT: 'demo' },
    {
      headers: { authorization: 'Bearer ses_Zk3vQ9aTnL4xW7cB' },
      body: { payment: { token: 'tok_9fT2xLw4', card: '4242424242424242' } },
    },
  )
  for (const { day, status, body, id } of answers) {
    say(`${day}:`)
    typed('curl -i -X POST https://shop.example/checkout')
    console.log(`  ${status}\n  x-flux-execution-id: ${id}\n  ${body}`)
  }
  const failed = answers.find(({ status }) => status === 500)
  if (!failed) throw new Error('No checkout failed on Saturday.')
  return failed.id
}

function type(line: string, finished: Finished, expected = 0): void {
  typed(line)
  console.log(finished.output.trimEnd().replace(/^/gm, '  '))
  if (finished.status !== expected) throw new Error(`${line} ended with ${finished.status}, not ${expected}`)
}

function typed(line: string): void {
  console.log(colour ? `\n\u001b[1m$ ${line}\u001b[0m` : `\n$ ${line}`)
}

function say(text: string): void {
  console.log(colour ? `\n\u001b[36m${text}\u001b[0m` : `\n${text}`)
}
