import type { ValueType } from './value-type.ts'

export const BOOLEAN: ValueType<number> = {
  bytes: 1,
  parse: (text) => BOOLEANS.get(text.toLowerCase()),
  take: (cell) => (typeof cell === 'boolean' ? Number(cell) : BOOLEANS.get(String(cell).toLowerCase())),
  cell: (value) => value === 1,
  text: (value) => (value === 1 ? 'true' : 'false'),
  write: (memory, at, value) => void memory.writeUInt8(value, at),
  read: (memory, at) => memory.readUInt8(at),
}

const BOOLEANS: ReadonlyMap<string, number> = new Map([
  ['true', 1],
  ['1', 1],
  ['false', 0],
  ['0', 0],
])

export const INT32: ValueType<number> = {
  bytes: 4,
  parse: (text) => within32(INTEGER.test(text) ? Number(text) : undefined),
  take: (cell) => {
    if (typeof cell === 'string') return INT32.parse(cell)
    return typeof cell === 'number' || typeof cell === 'bigint' ? within32(Number(cell)) : undefined
  },
  cell: (value) => value,
  text: String,
  write: (memory, at, value) => void memory.writeInt32LE(value, at),
  read: (memory, at) => memory.readInt32LE(at),
}

export const INT64: ValueType<bigint> = {
  bytes: 8,
  parse: (text) => (INTEGER.test(text) ? within64(BigInt(text.replace('+', ''))) : undefined),
  take: (cell) => {
    if (typeof cell === 'bigint') return within64(cell)
    // Beyond 2^53 a number may already be another one than was meant.
    if (typeof cell === 'number') return Number.isSafeInteger(cell) ? BigInt(cell) : undefined
    return typeof cell === 'string' ? INT64.parse(cell) : undefined
  },
  cell: (value) => value,
  text: String,
  write: (memory, at, value) => void memory.writeBigInt64LE(value, at),
  read: (memory, at) => memory.readBigInt64LE(at),
}

/** An INT64 that functions see as a number. */
export const SAFE_INT64: ValueType<bigint> = {
  ...INT64,
  parse: (text) => withinSafe(INT64.parse(text)),
  take: (cell) => withinSafe(INT64.take(cell)),
  cell: Number,
}

const INTEGER = /^[+-]?\d+$/

function within32(value: number | undefined): number | undefined {
  // Adding 0 turns a negative zero into the one that integers have.
  return value !== undefined && (value | 0) === value ? value + 0 : undefined
}

function withinSafe(value: bigint | undefined): bigint | undefined {
  return value !== undefined && Number.isSafeInteger(Number(value)) ? value : undefined
}

export function within64(value: bigint): bigint | undefined {
  return BigInt.asIntN(64, value) === value ? value : undefined
}
