import nodeCrypto, { type webcrypto } from 'node:crypto'
import type { Boundary, Host } from '../../boundary.ts'

type Crypto = webcrypto.Crypto

/** `Math.random`, `node:crypto` and WebCrypto. */
export const boundary: Boundary = {
  name: 'random',
  supports: {},
  install(host) {
    host.patch(host.realm.global.Math, 'random', original => () => host.draw('math', undefined, original))
    installNodeCrypto(host)
    installWebCrypto(host)
  },
}

function installNodeCrypto(host: Host): void {
  host.patch(nodeCrypto, 'randomUUID', original => options => {
    return host.draw('uuid', undefined, () => original(options)) as ReturnType<typeof original>
  })
  host.patch(nodeCrypto, 'randomBytes', original => {
    function randomBytes(size: number, callback?: (error: Error | null, bytes: Buffer) => void): Buffer | undefined {
      if (!callback) return drawBytes(host, size, () => original(size))
      const deliver = host.carry(callback)
      let bytes: Buffer
      try {
        bytes = drawBytes(host, size, () => original(size))
      } catch (error) {
        // The original throws on bad arguments before it goes asynchronous.
        if (error instanceof RangeError || error instanceof TypeError) throw error
        setImmediate(deliver, error as Error, Buffer.alloc(0))
        return undefined
      }
      setImmediate(deliver, null, bytes)
      return undefined
    }
    return randomBytes as typeof original
  })
  host.patch(nodeCrypto, 'randomFillSync', original => {
    const fill = (buffer: NodeJS.ArrayBufferView, offset = 0, size?: number): NodeJS.ArrayBufferView => {
      const view = bytesOf(buffer).subarray(offset, size === undefined ? undefined : offset + size)
      view.set(drawBytes(host, view.length, () => Buffer.from(original(new Uint8Array(view.length)))))
      return buffer
    }
    return fill as typeof original
  })
  host.patch(nodeCrypto, 'randomInt', original => {
    function randomInt(
      min: number,
      max?: number | ((error: Error | null, value: number) => void),
      callback?: (error: Error | null, value: number) => void,
    ): number | undefined {
      const [from, to] = typeof max === 'number' ? [min, max] : [0, min]
      const deliver = typeof max === 'function' ? max : callback
      const value = host.draw('int', `${from}:${to}`, () => original(from, to))
      if (!deliver) return value
      setImmediate(host.carry(deliver), null, value)
      return undefined
    }
    return randomInt as typeof original
  })
}

function installWebCrypto(host: Host): void {
  // node:crypto's webcrypto, the global and a jest sandbox's copy share one prototype.
  const prototype = Object.getPrototypeOf(nodeCrypto.webcrypto) as Crypto
  host.patch(prototype, 'randomUUID', original => {
    return function (this: Crypto) {
      return host.draw('uuid', undefined, () => original.call(this)) as ReturnType<Crypto['randomUUID']>
    }
  })
  host.patch(prototype, 'getRandomValues', original => {
    function getRandomValues(this: Crypto, array: NodeJS.ArrayBufferView): NodeJS.ArrayBufferView {
      const view = bytesOf(array)
      // The original refuses wrong types and more than 65,536 bytes.
      const real = () => {
        const bytes = new Uint8Array(view.length)
        original.call(this, bytes)
        return Buffer.from(bytes)
      }
      view.set(drawBytes(host, view.length, real))
      return array
    }
    return getRandomValues as unknown as Crypto['getRandomValues']
  })
}

function drawBytes(host: Host, size: number, real: () => Buffer): Buffer {
  return Buffer.from(
    host.draw('bytes', size, () => real().toString('base64')),
    'base64',
  )
}

function bytesOf(view: NodeJS.ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}
