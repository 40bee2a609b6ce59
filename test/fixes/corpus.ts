/** The corpus. */
import { amounts } from './amounts.ts'
import type { Bug } from './bug.ts'
import { flow } from './flow.ts'
import { queries } from './queries.ts'
import { requests } from './requests.ts'
import { rewrites } from './rewrites.ts'
import { transactions } from './transactions.ts'
import { upstreams } from './upstreams.ts'
import { values } from './values.ts'
import { waits } from './waits.ts'
import { writes } from './writes.ts'

export const corpus: readonly Bug[] = [
  ...values,
  ...amounts,
  ...upstreams,
  ...requests,
  ...queries,
  ...writes,
  ...transactions,
  ...rewrites,
  ...flow,
  ...waits,
]
