#!/usr/bin/env node
import { refusalOf } from './node-version.js'

// What needs a recent Node is imported after the check.
var refusal = refusalOf(process.versions.node)
if (refusal) {
  console.error(refusal)
  process.exitCode = 2
} else {
  import('../dist/main.js').then(function start(cli) {
    return cli.main(process.argv.slice(2))
  })
}
