import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ColumnCells } from '../../parquet/column-cells.ts'
import { ParquetWriter, type WriterOptions } from '../../parquet/parquet-writer.ts'
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
  /** The next name that no file of this run has. */
  readonly nextName: () => string
}

/** Makes data files whose columns share what is known of them. */
export class DataFiles {
  readonly place: DataFilePlace
  readonly #columns: readonly ColumnCells[]

  constructor(place: DataFilePlace) {
    this.place = place
    this.#columns = dataColumns(place.layout)
  }

  /** In the folder of a partition; `''` where there are none. */
  async open(folder: string, partition: PartitionTuple): Promise<DataFileWriter> {
    const { plan, format, pool, io, layout, nextName } = this.place
    const path = folder === '' ? nextName() : `${folder}/${nextName()}`
    const local = stagedPath(plan, path)
    await writing(local, () => mkdirSync(dirname(local), { recursive: true }))
    const output = await StagedFile.create(local, pool.linear, io)
    const metadata = { 'iceberg.schema': JSON.stringify(layout.schema) }
    const writer = new ParquetWriter(this.#columns, pool, output, { ...format, metadata })
    return new DataFileWriter({ path, partition }, this.place, output, writer)
  }
}

/** One data file of one partition. */
export class DataFileWriter {
  readonly #file: Pick<DataFile, 'path' | 'partition'>
  readonly #place: DataFilePlace
  readonly #output: StagedFile
  readonly #writer: ParquetWriter
  #closed = false

  constructor(
    file: Pick<DataFile, 'path' | 'partition'>,
    place: DataFilePlace,
    output: StagedFile,
    writer: ParquetWriter,
  ) {
    this.#file = file
    this.#place = place
    this.#output = output
    this.#writer = writer
  }

  get isFull(): boolean {
    return this.#writer.byteLength >= this.#place.format.fileBytes
  }

  get pendingBytes(): number {
    return this.#writer.pendingBytes
  }

  /** As `ParquetWriter.write`. */
  write(batch: RecordBatch, from: number, to: number): Promise<number> {
    return this.#writer.write(batch, from, to)
  }

  endRowGroup(): Promise<void> {
    return this.#writer.endRowGroup()
  }

  /** Makes the file whole and durable, and puts it where it will stay. */
  async end(): Promise<DataFile> {
    const { plan, layout } = this.#place
    const footer = await this.#writer.finish()
    const { bytes, sha256 } = await this.#output.seal()
    await this.close()
    await publishDataFile(plan, this.#file)
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
