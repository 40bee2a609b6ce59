// Loaded before Flux takes the clock: what a replay costs in real time, and what native work it makes.
import { createHook } from 'node:async_hooks'

const OUTSIDE =
  /^(?:TCPCONNECTWRAP|PIPECONNECTWRAP|TCPSERVERWRAP|UDPSENDWRAP|GETADDRINFOREQWRAP|GETNAMEINFOREQWRAP|QUERYWRAP|PROCESSWRAP)$/
const outside = []
createHook({
  init(_id, type) {
    if (OUTSIDE.test(type)) outside.push(type)
  },
}).enable()

const now = performance.now.bind(performance)
globalThis[Symbol.for('flux.test.real')] = { now, outside }
