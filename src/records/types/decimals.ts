import type { ValueType } from './value-type.ts'

/**
 * Decimals as whole numbers of their smallest unit: 12.30 at scale 2 is 1230. Up to 18 digits take 64 bits, more take 128.
 * Functions see them as text with all decimals, which is exact. Digits that the scale has no room for are no such value,
 * unless they are zeros.
 */
export function decimalType(precision: number, scale: number): ValueType<bigint> {
  const limit = 10n ** BigInt(precision)
  const unit = 10n ** BigInt(scale)
  const parse = (text: string): bigint | undefined => {
    const match = DECIMAL.exec(text)
    if (match === null) return undefined
    const [, sign, whole = '', decimals = ''] = match
    if (whole.length + decimals.length === 0) return undefined
    const kept = decimals.slice(0, scale)
    if (/[1-9]/.test(decimals.slice(scale))) return undefined
    const value = BigInt(whole + kept.padEnd(scale, '0') || '0')
    return value < limit ? (sign === '-' ? -value : value) : undefined
  }
  return {
    bytes: precision <= 18 ? 8 : 16,
    parse,
    take: (cell) => {
      if (typeof cell === 'number') return Number.isFinite(cell) ? parse(plainNumber(cell)) : undefined
      return typeof cell === 'string' || typeof cell === 'bigint' ? parse(String(cell)) : undefined
    },
    cell: (value) => text(value),
    text,
    write: precision <= 18 ? (memory, at, value) => void memory.writeBigInt64LE(value, at) : write128,
    read: precision <= 18 ? (memory, at) => memory.readBigInt64LE(at) : read128,
  }

  function text(value: bigint): string {
    const size = value < 0n ? -value : value
    const sign = value < 0n ? '-' : ''
    if (scale === 0) return `${sign}${size}`
    return `${sign}${size / unit}.${String(size % unit).padStart(scale, '0')}`
  }
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?$/

/** The shortest decimal that means this number, without an exponent; a large whole number is exactly what it is. */
function plainNumber(value: number): string {
  if (Number.isInteger(value)) return String(BigInt(value))
  const text = String(value)
  return text.includes('e') ? value.toFixed(Math.min(100, fraction(text))) : text
}

/** How many decimals `1.5e-7` has: the digits behind its point, and those that the exponent adds. */
function fraction(text: string): number {
  const [digits = '', exponent = '0'] = text.split('e')
  return Math.max(0, (digits.split('.')[1] ?? '').length - Number(exponent))
}

export function write128(memory: Buffer, at: number, value: bigint): void {
  memory.writeBigInt64LE(BigInt.asIntN(64, value), at)
  memory.writeBigInt64LE(BigInt.asIntN(64, value >> 64n), at + 8)
}

export function read128(memory: Buffer, at: number): bigint {
  return (memory.readBigInt64LE(at + 8) << 64n) | memory.readBigUInt64LE(at)
}
