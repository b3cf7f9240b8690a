import type { RecordBatch } from '../../records/record-batch.ts'
import type { DataFile } from '../../storage/iceberg/data-file.ts'
import type { PartitionTuple } from '../../storage/iceberg/partition-spec.ts'
import type { DataFiles, DataFileWriter } from './data-file-writer.ts'

/** The rows of one partition, or of a table without them: a file, and another one when it is full. */
export class RollingFile {
  readonly files: DataFile[] = []
  readonly #made: DataFiles
  readonly #folder: string
  readonly #partition: PartitionTuple
  #writer: DataFileWriter | undefined

  constructor(made: DataFiles, folder = '', partition: PartitionTuple = []) {
    this.#made = made
    this.#folder = folder
    this.#partition = partition
  }

  get heldBytes(): number {
    return this.#writer?.heldBytes ?? 0
  }

  async write(batch: RecordBatch, from = 0, to: number = batch.rows): Promise<void> {
    const { kernels } = batch.memory
    for (let row = from; row < to; ) {
      // No file is begun for rows that are gone.
      if (this.#writer === undefined && kernels.countLive(batch.live + row, to - row) === 0) return
      this.#writer ??= await this.#made.open(this.#folder, this.#partition)
      row = await this.#writer.write(batch, row, to)
      if (this.#writer.isFull) await this.end()
    }
  }

  async shed(): Promise<void> {
    await this.#writer?.shed()
  }

  async end(): Promise<void> {
    const writer = this.#writer
    if (writer === undefined) return
    this.files.push(await writer.end())
    this.#writer = undefined
  }

  async close(): Promise<void> {
    await this.#writer?.close()
    this.#writer = undefined
  }
}
