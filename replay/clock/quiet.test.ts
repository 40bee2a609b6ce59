import { generateKeyPair, pbkdf2, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { brotliCompress, constants } from 'node:zlib'
import { Patches } from 'flux-capture/internal'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { Quiet } from './quiet.ts'

const TURNS = 20
const patches = new Patches()
const quiet = new Quiet(patches)

beforeEach(() => quiet.start())
afterEach(() => quiet.stop())
afterAll(() => patches.restore())

/** Whether the program came to rest before `work` was over. */
async function restedBefore(work: Promise<unknown>): Promise<boolean> {
  let over = false
  void work.then(() => {
    over = true
  })
  let rested = false
  while (!over) {
    await new Promise<void>(resolve => quiet.turn(resolve))
    if (!over && quiet.quiet) rested = true
  }
  return rested
}

test('a program that only waits is quiet after some turns', async () => {
  let turns = 0
  while (!quiet.quiet && turns < TURNS) {
    turns++
    await new Promise<void>(resolve => quiet.turn(resolve))
  }
  expect(turns).toBeGreaterThan(1)
  expect(turns).toBeLessThan(TURNS)
})

test.each([
  ['a job of node:crypto', () => promisify(generateKeyPair)('rsa', { modulusLength: 2048 })],
  ['another', () => promisify(pbkdf2)('a', 'b', 100_000, 32, 'sha512')],
  ['a file', () => readFile(process.execPath)],
  [
    'compression',
    () => promisify(brotliCompress)(randomBytes(1 << 22), { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  ],
])('%s under way is waited for', async (_, work) => {
  expect(await restedBefore(work())).toBe(false)
})

test('another thread is waited for', async () => {
  const code = 'for (let i = 0; i < 3e7; i++); require("node:worker_threads").parentPort.postMessage(1)'
  const answered = new Promise(resolve => new Worker(code, { eval: true }).once('message', resolve))
  expect(await restedBefore(answered)).toBe(false)
})
