import type { RunContext } from '../context.ts'
import { KeyHasher } from '../records/key-hash.ts'
import type { LinearMemory } from '../records/linear-memory.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { type Row, rowsOf } from '../records/rows.ts'
import type { ByteIo } from '../storage/byte-io.ts'
import { ENTRY_BYTES, KeyFile, type KeyTicket, PARTITION_BITS, PARTITIONS } from './key-file.ts'
import type { UniqueRule } from './rule.ts'
import { selects } from './where.ts'

export interface KeyResources {
  readonly linear: LinearMemory
  readonly io: ByteIo
  readonly context: RunContext
}

/**
 * Collects the keys of one unique rule in one split, in fixed memory: entries go to the buffers of their partitions,
 * and when one of these is full, all are written to a file. Who holds which key is found at the end, by the judge.
 */
export class KeyCollector {
  readonly rule: UniqueRule
  readonly #linear: LinearMemory
  readonly #hasher: KeyHasher
  readonly #file: KeyFile
  readonly #counts: number
  readonly #buffers: number
  readonly #capacity: number
  #evaluated = 0
  #rejected = false
  #closed = false

  /** `memory` in bytes: half for the buffers, half for what is being written. */
  constructor(rule: UniqueRule, path: string, resources: KeyResources, memory: number) {
    const { linear, io, context } = resources
    this.rule = rule
    this.#linear = linear
    this.#hasher = new KeyHasher(linear, context.hashKey, rule.id)
    this.#capacity = Math.max(16, Math.floor(memory / 2 / PARTITIONS / ENTRY_BYTES))
    const bytes = this.#capacity * PARTITIONS * ENTRY_BYTES
    this.#counts = linear.reserve(PARTITIONS * 4)
    linear.words.fill(0, this.#counts >>> 2, (this.#counts >>> 2) + PARTITIONS)
    this.#buffers = linear.reserve(bytes)
    this.#file = new KeyFile(path, linear, io, bytes)
  }

  async add(batch: RecordBatch): Promise<void> {
    const { kernels } = batch.memory
    const columns = this.rule.columns.map((name) => batch.schema.indexOf.get(name) as number)
    const { hashes, keyed } = this.#hasher.hash(batch, columns)
    this.#applyWhere(batch, keyed)
    this.#count(keyed, batch.rows)
    const { ids, first } = this.#ids(batch)
    for (let row = 0; row < batch.rows; ) {
      row = kernels.partitionKeys(
        hashes,
        keyed,
        row,
        batch.rows,
        ids,
        first,
        this.#counts,
        this.#buffers,
        this.#capacity,
        PARTITION_BITS,
      )
      if (row < batch.rows) await this.#file.dump(this.#counts, this.#buffers, this.#capacity)
    }
  }

  /** Keys judged so far: what the rule has evaluated. */
  get evaluated(): number {
    return this.#evaluated
  }

  async seal(): Promise<KeyTicket> {
    await this.#file.dump(this.#counts, this.#buffers, this.#capacity)
    return this.#file.seal(this.#rejected)
  }

  /** Gives its memory back as well: every split has collectors of its own. */
  async close(): Promise<void> {
    await this.#file.close()
    if (this.#closed) return
    this.#closed = true
    this.#hasher.close()
    this.#linear.release(this.#counts)
    this.#linear.release(this.#buffers)
  }

  #ids(batch: RecordBatch): { ids: number; first: number } {
    const { consecutiveFrom } = batch.origins
    if (consecutiveFrom !== undefined) return { ids: 0, first: consecutiveFrom }
    const ids = batch.memory.allocate(batch.rows * 4)
    const first = batch.rows === 0 ? 0 : lowestOrdinal(batch)
    const { words } = this.#linear
    for (let row = 0; row < batch.rows; row++) words[(ids >>> 2) + row] = batch.origins.ordinal(row) - first
    return { ids, first }
  }

  #count(keyed: number, rows: number): void {
    const { bytes } = this.#linear
    for (let at = keyed; at < keyed + rows; at++) {
      if (bytes[at] === 0) continue
      this.#evaluated++
      if (bytes[at] !== 1) this.#rejected = true
    }
  }

  #applyWhere(batch: RecordBatch, keyed: number): void {
    const { where } = this.rule.options as { where?: (row: Row) => boolean }
    if (where === undefined) return
    const rows = rowsOf(batch)
    const { bytes } = this.#linear
    for (let row = 0; row < batch.rows; row++) {
      if (bytes[keyed + row] !== 0 && !selects(where, rows(row), this.rule.id)) this.#linear.bytes[keyed + row] = 0
    }
  }
}

function lowestOrdinal(batch: RecordBatch): number {
  let lowest = Number.POSITIVE_INFINITY
  for (let row = 0; row < batch.rows; row++) lowest = Math.min(lowest, batch.origins.ordinal(row))
  return lowest
}
