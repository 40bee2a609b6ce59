import type { Transaction } from 'flux-fixtures'
import type { Status } from './outcome.ts'
import { chains, type Statement, stepOf } from './sql.ts'

let transactions = 0

type Group = { -readonly [K in keyof Transaction]: Transaction[K] }

/** What is known of a connection: its transaction, in the order of asking. */
export class Session {
  /** As the server told last. */
  status: Status = 'I'
  #open: number | undefined

  get inTransaction(): boolean {
    return this.#open !== undefined
  }

  /** The transaction that a query belongs to; call it once per query, in the order of asking. */
  enter(all: readonly Statement[]): Group | undefined {
    let id = this.#open
    let ends: 'commit' | 'rollback' | undefined
    for (const statement of all) {
      const step = stepOf(statement)
      if (step === 'open') {
        this.#open ??= ++transactions
        id ??= this.#open
        ends = undefined
      } else if (step !== undefined && this.#open !== undefined) {
        ends = step
        this.#open = chains(statement) ? ++transactions : undefined
      }
    }
    return id === undefined ? undefined : { id, ...(ends && { ends }) }
  }

  /** Corrects a transaction by what the server made of it. Its entry is still in memory and holds the same object. */
  leave(group: Group | undefined, tag: string | null | undefined, failed: boolean, status: Status): void {
    if (!group?.ends) return
    if (failed && status !== 'I') {
      delete group.ends
      this.#open ??= group.id
    } else if (failed || tag === 'ROLLBACK') group.ends = 'rollback'
  }

  /** The server is idle and nothing is queued: whatever was thought open is not. */
  idle(): void {
    this.#open = undefined
  }
}
