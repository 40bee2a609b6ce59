import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'

/** A key and the certificate that it signed itself, as PEM. */
export interface SelfSigned {
  readonly key: string
  readonly cert: string
}

/** DER: https://www.itu.int/rec/T-REC-X.690 */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const identifier = (...bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes))
const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value))

const ECDSA_WITH_SHA256 = sequence(identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
const COMMON_NAME = identifier(0x55, 0x04, 0x03)

/** A fresh certificate for `localhost` that nobody trusts, valid for a century. */
export function selfSigned(): SelfSigned {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const name = sequence(der(0x31, sequence(COMMON_NAME, text(0x0c, 'localhost'))))
  const validity = sequence(text(0x17, '200101000000Z'), text(0x18, '21200101000000Z'))
  const publicKey = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' })
  const serial = der(0x02, Buffer.from([1]))
  const body = sequence(serial, ECDSA_WITH_SHA256, name, validity, name, publicKey)
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey))
  const bytes = sequence(body, ECDSA_WITH_SHA256, signature)
  const lines = bytes.toString('base64').replaceAll(/.{64}/g, line => `${line}\n`)
  return { key, cert: `-----BEGIN ${'CERTIFICATE'}-----\n${lines.trimEnd()}\n-----END CERTIFICATE-----\n` }
}
