import { parentPort, workerData } from 'node:worker_threads'
import type { Recording } from 'flux-fixtures'
import { type DepositSettings, openDeposit } from './deposit.ts'
import { unpack } from './parcel.ts'
import { type Receipt, reasonOf } from './writer.ts'

const deposit = openDeposit(workerData as DepositSettings)

/** One recording after the other: a process that dies leaves at most one file unfinished. */
let last = Promise.resolve()

parentPort?.on('message', (parcel: { readonly id: string }) => {
  last = last.then(async () => parentPort?.postMessage(await write(parcel)))
})

async function write(parcel: { readonly id: string }): Promise<Receipt> {
  try {
    await deposit.write(unpack(parcel) as Recording)
    return { id: parcel.id }
  } catch (error) {
    return { id: parcel.id, error: reasonOf(error) }
  }
}
