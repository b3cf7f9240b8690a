import type { Algorithm } from './checksums.ts'

export type CrcAlgorithm = Exclude<Algorithm, 'SHA1' | 'SHA256'>

/** A CRC is a remainder of polynomials over GF(2). Bits are reflected: the highest bit is the lowest power. */
interface Field {
  readonly bits: bigint
  readonly polynomial: bigint
}

const FIELDS: Readonly<Record<CrcAlgorithm, Field>> = {
  CRC32: { bits: 32n, polynomial: 0xedb88320n },
  CRC32C: { bits: 32n, polynomial: 0x82f63b78n },
  CRC64NVME: { bits: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
}

export interface CrcPart {
  /** In base64. */
  readonly checksum: string
  readonly length: number
}

/**
 * The checksum of all parts in a row, without reading them again: what stands before a part is multiplied by a power
 * of x, its distance from the end.
 */
export function combineCrc(algorithm: CrcAlgorithm, parts: readonly CrcPart[]): string {
  const field = FIELDS[algorithm]
  // Parts are as a rule of one length.
  const powers = new Map<number, bigint>()
  let combined = 0n
  for (const { checksum, length } of parts) {
    const power = powers.get(length) ?? powerOfX(field, 8n * BigInt(length))
    powers.set(length, power)
    combined = multiply(field, power, combined) ^ BigInt(`0x${Buffer.from(checksum, 'base64').toString('hex')}`)
  }
  return Buffer.from(combined.toString(16).padStart(Number(field.bits) / 4, '0'), 'hex').toString('base64')
}

function powerOfX(field: Field, exponent: bigint): bigint {
  let power = 1n << (field.bits - 1n)
  let square = 1n << (field.bits - 2n)
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) power = multiply(field, power, square)
    square = multiply(field, square, square)
  }
  return power
}

function multiply({ bits, polynomial }: Field, a: bigint, b: bigint): bigint {
  let product = 0n
  let shifted = b
  for (let bit = 1n << (bits - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= shifted
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n
  }
  return product
}
