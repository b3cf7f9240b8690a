/**
 * A value as columns hold it: a number for booleans (0, 1), int, float, double and days; a bigint for long, decimals (scaled)
 * and microseconds; 32 hexadecimal digits for a UUID; text or its UTF-8 bytes for strings; bytes for the rest.
 */
export type SingleValue = number | bigint | string | Uint8Array

/** The single-value serialization of the specification, appendix D. */
export function encodeValue(type: string, value: SingleValue): Buffer {
  const kind = kindOf(type)
  switch (kind) {
    case 'boolean':
      return Buffer.from([Number(value)])
    case 'int':
    case 'date':
      return sized(4, (bytes) => bytes.writeInt32LE(Number(value)))
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return sized(8, (bytes) => bytes.writeBigInt64LE(BigInt(value as bigint)))
    case 'float':
      return sized(4, (bytes) => bytes.writeFloatLE(Number(value)))
    case 'double':
      return sized(8, (bytes) => bytes.writeDoubleLE(Number(value)))
    case 'decimal':
      return twosComplement(value as bigint)
    case 'uuid':
      return Buffer.from(String(value).replaceAll('-', ''), 'hex')
    case 'string':
      return bytesOf(value)
    case 'binary':
    case 'fixed':
      return bytesOf(value)
    default:
      throw new TypeError(`${type} has no single values`)
  }
}

/** Strings come back as text, `binary` and `fixed` as bytes. Bounds from before a widening are shorter, and are read too. */
export function decodeValue(type: string, bytes: Uint8Array): SingleValue {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const kind = kindOf(type)
  switch (kind) {
    case 'boolean':
      return buffer.readUInt8()
    case 'int':
    case 'date':
      return buffer.readInt32LE()
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return buffer.length === 4 ? BigInt(buffer.readInt32LE()) : buffer.readBigInt64LE()
    case 'float':
      return buffer.readFloatLE()
    case 'double':
      return buffer.length === 4 ? buffer.readFloatLE() : buffer.readDoubleLE()
    case 'decimal':
      return fromTwosComplement(buffer)
    case 'uuid':
      return buffer.toString('hex')
    case 'string':
      return buffer.toString()
    case 'binary':
    case 'fixed':
      return buffer
    default:
      throw new TypeError(`${type} has no single values`)
  }
}

/** Negative, zero or positive. Strings go by their UTF-8 bytes, which is the order of code points; NaN has no place. */
export function compareValues(a: SingleValue, b: SingleValue): number {
  if (typeof a === 'string' || typeof b === 'string' || a instanceof Uint8Array || b instanceof Uint8Array) {
    return Buffer.compare(bytesOf(a), bytesOf(b))
  }
  return a < b ? -1 : a > b ? 1 : 0
}

/** `decimal(9, 2)` is a decimal, `fixed[16]` a fixed. */
export function kindOf(type: string): string {
  return /^[a-z]+/.exec(type)?.[0] ?? type
}

/** Of as few bytes as hold the number, the highest first. */
export function twosComplement(value: bigint): Buffer {
  let size = 1
  while (BigInt.asIntN(size * 8, value) !== value) size++
  const hex = BigInt.asUintN(size * 8, value).toString(16)
  return Buffer.from(hex.padStart(size * 2, '0'), 'hex')
}

export function fromTwosComplement(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))
}

function bytesOf(value: SingleValue): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : Buffer.from(value as Uint8Array)
}

function sized(size: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(size)
  write(bytes)
  return bytes
}
