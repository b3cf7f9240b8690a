import type { RecordBatch } from '../../records/record-batch.ts'
import type { DataFile, StagedFiles } from '../../storage/iceberg/data-file.ts'
import type { WrittenColumn } from '../../storage/iceberg/evolve-schema.ts'
import type { IcebergPlan } from '../../storage/iceberg/iceberg-plan.ts'
import { RowIndex } from '../row-index.ts'
import type { SealedPart, Staging, WriteResources } from '../sink.ts'
import { type DataFileFormat, DataFiles } from './data-file-writer.ts'
import { PartitionFiles } from './partition-files.ts'
import { RollingFile } from './rolling-file.ts'
import { type Spilled, SpillFile, SpillFiles } from './spill-files.ts'
import type { TableLayout } from './table-layout.ts'
import { TableRows } from './table-rows.ts'

/** A split as data files, and as rows in scratch that must wait: plain JSON. */
export interface IcebergPart extends SealedPart {
  readonly staged: StagedFiles
  /** Rows of more partitions than there may be files. */
  readonly spilled: readonly Spilled[]
  /** All rows of a table with partitions, while some of them may still be taken out. */
  readonly held?: Omit<Spilled, 'bucket'>
  /** Rows may still be taken out of the data files: they are not where they will stay, or not for good. */
  readonly unpublished?: Unpublished
}

/** What it takes to write data files anew. */
export interface Unpublished {
  /** The directory below which they lie. */
  readonly staging: string
  readonly columns: readonly WrittenColumn[]
}

/** Where the live rows of a split go, once its columns are known. */
interface Output {
  write(batch: RecordBatch): Promise<void>
  end(): Promise<Pick<IcebergPart, 'spilled' | 'held' | 'unpublished'> & { readonly files: readonly DataFile[] }>
  close(): Promise<void>
}

export class IcebergStaging implements Staging {
  readonly #plan: IcebergPlan
  readonly #split: number
  readonly #format: DataFileFormat
  readonly #resources: WriteResources
  readonly #rows: TableRows
  readonly #index: RowIndex | undefined
  #made: DataFiles | undefined
  #output: Output | undefined
  #count = 0

  constructor(plan: IcebergPlan, split: number, format: DataFileFormat, resources: WriteResources) {
    const { keepIndex, context } = resources
    this.#plan = plan
    this.#split = split
    this.#format = format
    this.#resources = resources
    this.#rows = new TableRows(plan, plan.path)
    this.#index = keepIndex ? new RowIndex(`${context.scratch}/rows-${split}`) : undefined
  }

  async write(batch: RecordBatch): Promise<void> {
    const taken = this.#rows.take(batch)
    if (taken === undefined) return
    this.#output ??= await this.#open(taken.layout)
    await this.#output.write(taken.rows)
    const live = batch.memory.kernels.countLive(batch.live, batch.rows)
    await this.#index?.add(batch, this.#count, live, consecutive(batch, live))
    this.#count += live
  }

  async seal(): Promise<IcebergPart> {
    const { files, ...waiting } = (await this.#output?.end()) ?? { files: [], spilled: [] }
    const index = await this.#index?.seal()
    const discarded = this.#rows.layout?.discarded ?? []
    if (discarded.length > 0) this.#tellOf(discarded)
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    const { names: columns, fields } = this.#rows
    const part = { split: this.#split, path: '', sha256: '', bytes, rows: this.#count, columns, discarded }
    return { ...part, ...waiting, ...index, staged: { fields, files } }
  }

  async close(): Promise<void> {
    await this.#output?.close()
    await this.#made?.close()
    await this.#index?.close()
  }

  async #open(layout: TableLayout): Promise<Output> {
    const { pool, io, context, keepIndex } = this.#resources
    const split = String(this.#split).padStart(5, '0')
    const scratch = `${context.scratch}/spilled/${split}`
    const divided = layout.partition.length > 0
    // Which rows share a file is decided when all are there.
    if (keepIndex && divided) return heldOutput(await SpillFile.create(`${scratch}-held`, { layout, pool, io }))
    const place = { plan: this.#plan, layout, format: this.#format, pool, io, nextName: fileNames(split) }
    this.#made = new DataFiles({ ...place, publishes: !keepIndex })
    return keepIndex ? cuttableOutput(this.#made) : dataOutput(this.#made, scratch)
  }

  #tellOf(columns: readonly string[]): void {
    const { log } = this.#resources.context
    const facts = { columns, rows: this.#count, split: this.#split, table: this.#plan.path }
    log.warn(facts, 'columns that the table does not have were left out')
  }
}

/** Names that nobody else of a run has. */
export function fileNames(prefix: string): () => string {
  let next = 0
  return () => `${prefix}-${next++}.parquet`
}

/** To the data files of a table, divided by partition where it has any. */
export function dataOutput(made: DataFiles, scratch: string, depth = 0): Output {
  if (made.place.layout.partition.length === 0) return oneFile(made)
  const spill = new SpillFiles(made.place, scratch, depth)
  const divided = new PartitionFiles(made, spill)
  return {
    write: (batch) => divided.write(batch),
    end: async () => {
      const files = await divided.end()
      const spilled = await spill.end()
      await made.published()
      return { files, spilled }
    },
    close: async () => {
      await divided.close()
      await spill.close()
    },
  }
}

function oneFile(made: DataFiles): Output {
  const file = new RollingFile(made)
  return {
    write: (batch) => file.write(batch),
    end: async () => {
      await file.end()
      await made.published()
      return { files: file.files, spilled: [] }
    },
    close: () => file.close(),
  }
}

/** To data files of a table without partitions, out of which rows can be taken. */
function cuttableOutput(made: DataFiles): Output {
  const { plan, layout } = made.place
  const output = oneFile(made)
  const unpublished = { staging: plan.staging, columns: layout.columns }
  return { ...output, end: async () => ({ ...(await output.end()), unpublished }) }
}

function heldOutput(file: SpillFile): Output {
  return {
    write: (batch) => file.write(batch),
    end: async () => ({ files: [], spilled: [], held: await file.end() }),
    close: () => file.close(),
  }
}

/** Rows stand in groups and columns: what the index has of each is its number. */
function consecutive({ memory }: RecordBatch, rows: number): number {
  const ends = memory.allocate(rows * 4)
  const { words } = memory.linear
  for (let row = 0; row < rows; row++) words[(ends >>> 2) + row] = row + 1
  return ends
}
