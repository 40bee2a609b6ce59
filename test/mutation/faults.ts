/** Deliberate faults of the replay engine and of the recorder's part in it, each with tests that must notice it. */
import { capturing } from './capturing.ts'
import type { Fault } from './fault.ts'
import { judging } from './judging.ts'
import { matching } from './matching.ts'
import { releasing } from './releasing.ts'
import { timing } from './timing.ts'

export const faults: readonly Fault[] = [...releasing, ...matching, ...judging, ...timing, ...capturing]
