import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { ParquetWriter, type WriterOptions } from '../../parquet/parquet-writer.ts'
import { WriterMemory } from '../../parquet/writer-memory.ts'
import type { RecordBatch } from '../../records/record-batch.ts'
import { murmur3 } from '../../storage/iceberg/murmur3.ts'
import { StagedFile } from '../../storage/staged-file.ts'
import { writing } from '../../storage/write-error.ts'
import type { DataFilePlace } from './data-file-writer.ts'
import type { Partition } from './partition-numbers.ts'
import { dataColumns } from './table-layout.ts'

/** A file in scratch that holds rows of some partitions. */
export interface Spilled {
  /** All files of a bucket hold the same partitions, whichever split wrote them. */
  readonly bucket: number
  readonly path: string
  readonly bytes: number
}

/**
 * Rows that wait in scratch, in as many files as there are buckets; a partition belongs to one of them. `depth` counts how
 * often they were divided before, and mixes the buckets anew each time.
 */
export class SpillFiles {
  readonly #place: Pick<DataFilePlace, 'layout' | 'pool' | 'io'>
  readonly #prefix: string
  readonly #depth: number
  readonly #buckets: number
  readonly #files = new Map<number, SpillFile>()
  readonly #memory: WriterMemory

  constructor(place: Pick<DataFilePlace, 'layout' | 'pool' | 'io'>, prefix: string, depth = 0) {
    this.#place = place
    this.#prefix = prefix
    this.#depth = depth
    this.#memory = new WriterMemory(place.pool, SPILL_FORMAT.compression)
    this.#buckets = Math.max(4, Math.min(64, Math.floor(512 / place.layout.columns.length)))
  }

  async fileOf({ tuple }: Partition): Promise<SpillFile> {
    const hash = murmur3(Buffer.from(JSON.stringify([this.#depth, tuple])))
    const bucket = (hash >>> 0) % this.#buckets
    const known = this.#files.get(bucket)
    if (known !== undefined) return known
    const file = await SpillFile.create(`${this.#prefix}-${bucket}`, this.#place, this.#memory)
    this.#files.set(bucket, file)
    return file
  }

  get open(): readonly SpillFile[] {
    return [...this.#files.values()]
  }

  async end(): Promise<readonly Spilled[]> {
    const spilled: Spilled[] = []
    for (const [bucket, file] of this.#files) spilled.push({ bucket, ...(await file.end()) })
    return spilled
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await file.close()
    this.#files.clear()
    await this.#memory.close()
  }
}

export const SPILL_FORMAT: WriterOptions = {
  compression: 'none',
  dictionaries: false,
  rowGroupRows: 4096,
  rowGroupBytes: 512 << 10,
  blockBytes: 64 << 10,
  createdBy: 'sluice',
}

/** Of Parquet, in small row groups: there are many such files at a time. */
export class SpillFile {
  readonly #output: StagedFile
  readonly #writer: ParquetWriter
  #closed = false

  static async create(
    path: string,
    { layout, pool, io }: Pick<DataFilePlace, 'layout' | 'pool' | 'io'>,
    memory?: WriterMemory,
  ): Promise<SpillFile> {
    await writing(path, () => mkdirSync(dirname(path), { recursive: true, mode: 0o700 }))
    const output = await StagedFile.createPrivate(path, pool.linear, io)
    return new SpillFile(
      output,
      new ParquetWriter(dataColumns(layout), pool, output, { ...SPILL_FORMAT, ...(memory && { memory }) }),
    )
  }

  private constructor(output: StagedFile, writer: ParquetWriter) {
    this.#output = output
    this.#writer = writer
  }

  async write(batch: RecordBatch, from = 0, to: number = batch.rows): Promise<void> {
    for (let row = from; row < to; ) row = await this.#writer.write(batch, row, to)
  }

  get heldBytes(): number {
    return this.#writer.heldBytes
  }

  shed(): Promise<void> {
    return this.#writer.shed()
  }

  async end(): Promise<Omit<Spilled, 'bucket'>> {
    await this.#writer.finish()
    await this.#output.finish()
    await this.close()
    return { path: this.#output.path, bytes: this.#output.bytes }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#writer.close()
    await this.#output.close()
  }
}
