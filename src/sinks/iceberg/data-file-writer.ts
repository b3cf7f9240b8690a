import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ColumnCells } from '../../parquet/column-cells.ts'
import { ParquetWriter, type WriterOptions } from '../../parquet/parquet-writer.ts'
import { WriterMemory } from '../../parquet/writer-memory.ts'
import type { BatchPool } from '../../records/batch-pool.ts'
import type { RecordBatch } from '../../records/record-batch.ts'
import type { ByteIo } from '../../storage/byte-io.ts'
import type { DataFile } from '../../storage/iceberg/data-file.ts'
import type { IcebergPlan } from '../../storage/iceberg/iceberg-plan.ts'
import type { PartitionTuple } from '../../storage/iceberg/partition-spec.ts'
import { publishDataFile, stagedPath } from '../../storage/iceberg/stage-data-files.ts'
import { StagedFile } from '../../storage/staged-file.ts'
import { writing } from '../../storage/write-error.ts'
import { columnMetrics } from './column-metrics.ts'
import { dataColumns, type TableLayout } from './table-layout.ts'
import { UnderWay } from './under-way.ts'

export interface DataFileFormat extends WriterOptions {
  /** A file ends with the row group behind so many bytes. */
  readonly fileBytes: number
}

/** What all data files of a split are written with. */
export interface DataFilePlace {
  readonly plan: IcebergPlan
  readonly layout: TableLayout
  readonly format: DataFileFormat
  readonly pool: BatchPool
  readonly io: ByteIo
  /** Files are put where they will stay as soon as they end; default true. */
  readonly publishes?: boolean
  /** The next name that no file of this run has. */
  readonly nextName: () => string
}

/** Makes data files whose columns share what is known of them, and puts them where they will stay. */
export class DataFiles {
  readonly place: DataFilePlace
  readonly #columns: readonly ColumnCells[]
  readonly #memory: WriterMemory
  /** To wait for the disk or for S3 file by file would take most of the time of many small ones. */
  readonly #publishing = new UnderWay(8)

  constructor(place: DataFilePlace) {
    this.place = place
    this.#columns = dataColumns(place.layout)
    this.#memory = new WriterMemory(place.pool, place.format.compression)
  }

  /** In the folder of a partition; `''` where there are none. */
  async open(folder: string, partition: PartitionTuple): Promise<DataFileWriter> {
    const { plan, format, pool, io, layout, nextName, publishes = true } = this.place
    const path = folder === '' ? nextName() : `${folder}/${nextName()}`
    const local = stagedPath(plan, path)
    await writing(local, () => mkdirSync(dirname(local), { recursive: true }))
    const output = await StagedFile.create(local, pool.linear, io)
    const metadata = { 'iceberg.schema': JSON.stringify(layout.schema) }
    // Of partitions there are many files at a time.
    const blocks = folder === '' ? {} : { blockBytes: 64 << 10 }
    const writer = new ParquetWriter(this.#columns, pool, output, {
      ...format,
      ...blocks,
      memory: this.#memory,
      metadata,
    })
    const publish = async () => {
      if (publishes) await this.#publishing.add(() => publishDataFile(plan, { path }))
    }
    return new DataFileWriter({ path, partition }, this.place, { output, writer, publish })
  }

  /** Resolves when all files that were ended are durable where they will stay. */
  published(): Promise<void> {
    return this.#publishing.all()
  }

  /** Waits for what is at work; all files must be closed. */
  async close(): Promise<void> {
    await this.#publishing.idle()
    await this.#memory.close()
  }
}

interface OpenFile {
  readonly output: StagedFile
  readonly writer: ParquetWriter
  /** Once the file is whole. */
  readonly publish: () => Promise<void>
}

/** One data file of one partition. */
export class DataFileWriter {
  readonly #file: Pick<DataFile, 'path' | 'partition'>
  readonly #place: DataFilePlace
  readonly #output: StagedFile
  readonly #writer: ParquetWriter
  readonly #publish: () => Promise<void>
  #closed = false

  constructor(file: Pick<DataFile, 'path' | 'partition'>, place: DataFilePlace, open: OpenFile) {
    this.#file = file
    this.#place = place
    this.#output = open.output
    this.#writer = open.writer
    this.#publish = open.publish
  }

  get isFull(): boolean {
    return this.#writer.byteLength >= this.#place.format.fileBytes
  }

  get heldBytes(): number {
    return this.#writer.heldBytes
  }

  /** As `ParquetWriter.write`. */
  write(batch: RecordBatch, from: number, to: number): Promise<number> {
    return this.#writer.write(batch, from, to)
  }

  shed(): Promise<void> {
    return this.#writer.shed()
  }

  /** Makes the file whole; `DataFiles.published` tells when it is where it will stay. */
  async end(): Promise<DataFile> {
    const { layout } = this.#place
    const footer = await this.#writer.finish()
    const { bytes, sha256 } = await this.#output.seal()
    await this.close()
    await this.#publish()
    const metrics = columnMetrics(footer, layout.columns)
    return { ...this.#file, records: this.#writer.rows, bytes, sha256, ...metrics }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#writer.close()
    await this.#output.close()
  }
}
