import type { Field, Notice } from './driver.ts'
import type { Status } from './outcome.ts'

/**
 * Messages of a Postgres server, as bytes.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(4 + parts.reduce((length, part) => length + part.length, 0), 1)
  return Buffer.concat([head, ...parts])
}

const cstring = (text: string) => Buffer.from(`${text}\0`)

function int(bytes: 2 | 4, value: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  // Object ids are unsigned, everything else is signed: the same bits either way.
  buffer.writeUIntBE(bytes === 2 ? value & 0xffff : value >>> 0, 0, bytes)
  return buffer
}

export const parseComplete = message('1')
export const closeComplete = message('3')
export const emptyQuery = message('I')
export const portalSuspended = message('s')
export const authenticationOk = message('R', int(4, 0))
export const backendKeyData = message('K', int(4, 1), int(4, 1))

export function readyForQuery(status: Status): Buffer {
  return message('Z', Buffer.from(status))
}

export function commandComplete(tag: string): Buffer {
  return message('C', cstring(tag))
}

export function rowDescription(fields: readonly Field[]): Buffer {
  const parts = fields.flatMap(field => [
    cstring(field.name),
    int(4, field.tableID),
    int(2, field.columnID),
    int(4, field.dataTypeID),
    int(2, field.dataTypeSize),
    int(4, field.dataTypeModifier),
    int(2, field.format === 'binary' ? 1 : 0),
  ])
  return message('T', int(2, fields.length), ...parts)
}

export function dataRow(columns: readonly (string | Uint8Array | null)[]): Buffer {
  const parts = columns.flatMap(column => {
    if (column === null) return [int(4, -1)]
    const bytes = Buffer.from(column as string)
    return [int(4, bytes.length), bytes]
  })
  return message('D', int(2, columns.length), ...parts)
}

const FIELDS: Readonly<Record<string, string>> = {
  severity: 'S',
  code: 'C',
  message: 'M',
  detail: 'D',
  hint: 'H',
  position: 'P',
  internalPosition: 'p',
  internalQuery: 'q',
  where: 'W',
  schema: 's',
  table: 't',
  column: 'c',
  dataType: 'd',
  constraint: 'n',
  file: 'F',
  line: 'L',
  routine: 'R',
}

/** An ErrorResponse (`E`) or NoticeResponse (`N`) that gives the driver the same fields and, where it can, the same length. */
export function notice(type: 'E' | 'N', fields: Notice): Buffer {
  const severity = String(fields.severity ?? (type === 'E' ? 'ERROR' : 'NOTICE'))
  const parts = Object.entries(FIELDS).flatMap(([name, letter]) => {
    const value = name === 'severity' ? severity : fields[name]
    return value === undefined || value === null ? [] : [cstring(letter + value)]
  })
  // The driver tells the length of the message and not field V, the severity in English (Postgres 9.6 and later).
  const missing = Number(fields.length) - message(type, ...parts, Buffer.alloc(1)).length + 1
  if (missing >= 2) {
    parts.push(cstring(`V${severity.length === missing - 2 ? severity : 'x'.repeat(missing - 2)}`))
  }
  return message(type, ...parts, Buffer.alloc(1))
}
