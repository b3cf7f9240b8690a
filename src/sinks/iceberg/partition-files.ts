import type { RecordBatch } from '../../records/record-batch.ts'
import type { DataFile } from '../../storage/iceberg/data-file.ts'
import type { DataFiles } from './data-file-writer.ts'
import { gatherRows } from './gather-rows.ts'
import { partitionFolder } from './partition-folder.ts'
import { type Partition, PartitionNumbers } from './partition-numbers.ts'
import { RollingFile } from './rolling-file.ts'
import { type Grouped, RowGroups } from './row-groups.ts'
import type { SpillFiles } from './spill-files.ts'

/** Rows of a batch go to one of these. */
interface Destination {
  readonly heldBytes: number
  write(batch: RecordBatch, from: number, to: number): Promise<void>
  /** Gives memory back. */
  shed(): Promise<void>
}

/**
 * Divides rows by partition. A few files are open at a time. When a batch has no more partitions than that, files that it
 * does not need are closed to make room: rows that come in the order of their partitions need no more. Else rows of
 * partitions without a file are spilled, and so are rows of partitions whose file was closed: they are divided later, some
 * partitions at a time. So a partition has one file and one of what was spilled, or as many as its size asks for, and
 * memory has a bound.
 */
export class PartitionFiles {
  readonly #made: DataFiles
  readonly #numbers: PartitionNumbers
  readonly #groups = new RowGroups()
  readonly #spill: SpillFiles
  readonly #open = new Map<number, OpenFile>()
  readonly #files: DataFile[] = []
  /** Those whose rows are spilled from now on. */
  readonly #spilled = new Set<number>()
  readonly #most: number
  #batch = 0

  constructor(made: DataFiles, spill: SpillFiles) {
    const { layout } = made.place
    this.#made = made
    this.#numbers = new PartitionNumbers(layout)
    this.#spill = spill
    this.#most = openFiles(layout.columns.length)
  }

  /** Takes the live rows. */
  async write(batch: RecordBatch): Promise<void> {
    this.#batch++
    const partitions = this.#groups.look(this.#numbers.of(batch), batch.mask)
    for (const number of partitions) this.#use(number)
    // Else the files that are open would be closed for others that are closed for them by the next batch.
    const mayClose = partitions.length <= this.#most
    const destinations = new Map<Destination, number>()
    const groups: number[] = []
    for (const number of partitions) {
      const destination = await this.#destination(number, mayClose)
      const group = destinations.get(destination) ?? destinations.size
      destinations.set(destination, group)
      groups.push(group)
    }
    await this.#writeAll(batch, [...destinations.keys()], this.#groups.group(partitions, groups))
    await this.#bound()
  }

  #use(number: number): void {
    const open = this.#open.get(number)
    if (open !== undefined) open.used = this.#batch
  }

  /** Ends all files. What was spilled is still to be divided. */
  async end(): Promise<readonly DataFile[]> {
    for (const number of [...this.#open.keys()]) await this.#end(number)
    return this.#files
  }

  async close(): Promise<void> {
    for (const { file } of this.#open.values()) await file.close()
    this.#open.clear()
  }

  async #writeAll(batch: RecordBatch, destinations: readonly Destination[], { order, counts }: Grouped): Promise<void> {
    const [only, ...others] = destinations
    if (only === undefined) return
    if (others.length === 0) return await only.write(batch, 0, batch.rows)
    const gathered = gatherRows(batch, order)
    let from = 0
    for (const [index, destination] of destinations.entries()) {
      const to = from + (counts[index] as number)
      await destination.write(gathered, from, to)
      from = to
    }
  }

  async #destination(number: number, mayClose: boolean): Promise<Destination> {
    const open = this.#open.get(number)
    if (open !== undefined) return open.file
    const partition = this.#numbers.get(number)
    if (this.#spilled.has(number) || !(await this.#makeRoom(mayClose))) {
      this.#spilled.add(number)
      return await this.#spill.fileOf(partition)
    }
    const file = new RollingFile(this.#made, this.#folderOf(partition), partition.tuple)
    this.#open.set(number, { file, used: this.#batch })
    return file
  }

  async #makeRoom(mayClose: boolean): Promise<boolean> {
    if (this.#open.size < this.#most) return true
    const [number, { used }] = [...this.#open].reduce((a, b) => (b[1].used < a[1].used ? b : a))
    if (!mayClose || used === this.#batch) return false
    await this.#end(number)
    return true
  }

  async #end(number: number): Promise<void> {
    const { file } = this.#open.get(number) as OpenFile
    await file.end()
    this.#files.push(...file.files)
    this.#open.delete(number)
    this.#spilled.add(number)
  }

  /** All row groups that are being filled take so much room at most. */
  async #bound(): Promise<void> {
    const files: Destination[] = [...[...this.#open.values()].map(({ file }) => file), ...this.#spill.open]
    let held = files.reduce((sum, file) => sum + file.heldBytes, 0)
    for (const file of files.toSorted((a, b) => b.heldBytes - a.heldBytes)) {
      if (held < HELD_BYTES) return
      held -= file.heldBytes
      await file.shed()
    }
  }

  #folderOf({ values }: Partition): string {
    return partitionFolder(this.#made.place.layout.partition, values)
  }
}

interface OpenFile {
  readonly file: RollingFile
  /** The last batch that had rows for it. */
  used: number
}

/** A column of an open file takes about a quarter of a megabyte. */
function openFiles(columns: number): number {
  return Math.max(4, Math.min(64, Math.floor(256 / columns)))
}

const HELD_BYTES = 32 << 20
