import type { TestModule } from 'vitest/node'
import type { Reporter } from 'vitest/reporters'

/** Ends the run with one plain line that any tool can read: `12 passed, 0 failed, 1 skipped`. */
export class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state]++
      if (module.state() === 'failed' && module.errors().length > 0) counts.failed++
    }
    const { passed, failed, skipped, pending } = counts
    process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped + pending} skipped\n`)
  }
}
