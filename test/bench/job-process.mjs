// The job as a process of its own: it fails once, and stays until its parent has seen the recording.
import { place } from './job.mjs'
import { orderOf } from './schema.mjs'

// The first call of a process connects; a job that runs for a while does not.
await place(JSON.parse(orderOf(1)))
await place(JSON.parse(orderOf(1, 'spring'))).catch(() => {})
process.send({ failed: true })
process.on('disconnect', () => process.exit())
