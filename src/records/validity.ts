import type { BatchMemory } from './batch-memory.ts'

/** One bit a row, the lowest first, as in Apache Arrow and in Parquet's bit-packed levels: 1 is a value, 0 is null. */
export class Validity {
  /** Of the bits; the bytes up to the next multiple of eight belong to them. */
  readonly address: number
  readonly #memory: BatchMemory

  constructor(memory: BatchMemory, address: number) {
    this.#memory = memory
    this.address = address
  }

  /** All null. */
  static none(memory: BatchMemory, rows: number): Validity {
    const address = memory.allocate(validityBytes(rows))
    memory.linear.bytes.fill(0, address, address + validityBytes(rows))
    return new Validity(memory, address)
  }

  has(row: number): boolean {
    return ((this.#memory.linear.bytes[this.address + (row >>> 3)] as number) & (1 << (row & 7))) !== 0
  }

  set(row: number): void {
    const { bytes } = this.#memory.linear
    const at = this.address + (row >>> 3)
    bytes[at] = (bytes[at] as number) | (1 << (row & 7))
  }
}

export function validityBytes(rows: number): number {
  return Math.ceil(rows / 64) * 8
}
