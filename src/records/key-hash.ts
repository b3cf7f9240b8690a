import { createHash } from 'node:crypto'
import { formatCell } from './column.ts'
import type { LinearMemory } from './linear-memory.ts'
import type { RecordBatch } from './record-batch.ts'
import { LIVE } from './span.ts'

/**
 * Keys of a run as 128-bit hashes, wide enough to be believed: for keys drawn from `hashKey`, any two different keys
 * have the same hash with a probability below 2^-128 per 256 bytes of key, so that among 10^9 keys a false duplicate
 * has a probability of about 10^-20. Nobody who does not know the run's key can do better than chance.
 *
 * The kernel `hashCells` describes the function (Multilinear-HM); here are its keys.
 */
export class KeyHasher {
  readonly #linear: LinearMemory
  readonly #keys: number
  /** Room for a cell whose bytes must be made first. */
  #scratch: { address: number; size: number }

  /** `purpose` separates the hashes of one rule from those of another. */
  constructor(linear: LinearMemory, hashKey: Uint8Array, purpose: string) {
    this.#linear = linear
    const material = createHash('shake256', { outputLength: KEY_BYTES }).update(hashKey).update(purpose).digest()
    this.#keys = linear.reserve(KEY_BYTES)
    linear.bytes.set(material, this.#keys)
    this.#scratch = { address: linear.reserve(SCRATCH), size: SCRATCH }
  }

  /**
   * Hashes the named columns of every flowing row, 16 bytes each. `keyed` has one byte a row: 0 no key (gone, failed
   * or a null in it), 1 a key that the row holds, 3 a key of a doomed row. Both live as long as the batch.
   */
  hash(batch: RecordBatch, columns: readonly number[]): { readonly hashes: number; readonly keyed: number } {
    const { memory, rows, live } = batch
    const hashes = memory.allocate(rows * 16)
    const keyed = memory.allocate(rows)
    const slow = memory.allocate(rows * 4 + 4)
    columns.forEach((index, position) => {
      const column = batch.columns[index] as (typeof batch.columns)[0]
      const { address, stride } = column.spans()
      memory.kernels.hashCells(address, stride, rows, live, this.#keys, position, hashes, keyed, slow)
      const { words } = this.#linear
      const listed = words.slice((slow >>> 2) + 1, (slow >>> 2) + 1 + (words[slow >>> 2] as number))
      for (const row of listed) this.#hashText(batch, formatCell(column.value(row)), position, hashes + row * 16)
      for (const row of column.failed ?? []) this.#linear.bytes[keyed + row] = 0
    })
    return { hashes, keyed }
  }

  close(): void {
    this.#linear.release(this.#keys)
    this.#linear.release(this.#scratch.address)
  }

  /** The same hash for a text that is not in memory as it must be hashed. */
  #hashText(batch: RecordBatch, text: string, position: number, hash: number): void {
    const length = Buffer.byteLength(text)
    if (length > this.#scratch.size) {
      this.#linear.release(this.#scratch.address)
      this.#scratch = { address: this.#linear.reserve(length * 2), size: length * 2 }
    }
    const { address } = this.#scratch
    this.#linear.bytes.write(text, address)
    const one = batch.memory.allocate(32)
    const { words, bytes } = this.#linear
    words[one >>> 2] = address
    words[(one >>> 2) + 1] = address + length
    // Both what the row is and, for the second column on, that it has a key so far.
    bytes[one + 8] = LIVE
    bytes[one + 9] = LIVE
    batch.memory.kernels.hashCells(one, 8, 1, one + 8, this.#keys, position, hash, one + 9, one + 12)
  }
}

/** See the kernel: four starting keys, then 35 steps of two keys for each of four lanes. */
const KEY_BYTES = 4 * 8 + 35 * 2 * 4 * 8
const SCRATCH = 4096
