import { SluiceError } from '../errors.ts'
import { ColumnCells } from '../parquet/column-cells.ts'
import { ParquetWriter, type WriterOptions } from '../parquet/parquet-writer.ts'
import { formatType, type TypeName } from '../records/data-type.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { Schema } from '../records/schema.ts'
import { stageOutput } from '../storage/stage-output.ts'
import type { StagedOutput } from '../storage/staged-output.ts'
import { isDirectory, type PartTarget, type StagedPart, type TargetPlan } from '../storage/target.ts'
import { RowIndex } from './row-index.ts'
import type { SealedPart, Staging, WriteResources } from './sink.ts'

export interface ParquetFormat extends WriterOptions {
  /** Of a file in a directory. */
  readonly fileBytes: number
}

/** A split as whole files of Parquet, of which each has its footer. */
export interface ParquetPart extends SealedPart {
  readonly files: readonly StagedPart[]
  /** Of the columns that have one: a column without values has none that matters. */
  readonly types: Readonly<Record<string, TypeName>>
}

export interface Place {
  readonly target: PartTarget
  readonly plan: TargetPlan
  readonly split: number
}

export class ParquetStaging implements Staging {
  readonly #place: Place
  readonly #format: ParquetFormat
  readonly #resources: WriteResources
  readonly #fileBytes: number
  readonly #index: RowIndex | undefined
  readonly #files: StagedPart[] = []
  #schema: Schema | undefined
  #columns: readonly ColumnCells[] = []
  #output: StagedOutput | undefined
  #writer: ParquetWriter | undefined
  #rows = 0

  constructor(place: Place, format: ParquetFormat, resources: WriteResources) {
    const { keepIndex, context } = resources
    this.#place = place
    this.#format = format
    this.#resources = resources
    this.#fileBytes = isDirectory(place.plan) ? format.fileBytes : Number.POSITIVE_INFINITY
    this.#index = keepIndex ? new RowIndex(`${context.scratch}/rows-${place.split}`) : undefined
  }

  async write(batch: RecordBatch): Promise<void> {
    this.#take(batch.schema)
    const rows = batch.memory.kernels.countLive(batch.live, batch.rows)
    // A file without rows is written only when there is no other.
    if (rows === 0) return
    for (let row = 0; row < batch.rows; ) {
      const writer = this.#writer ?? (await this.#open())
      row = await writer.write(batch, row)
      if (writer.byteLength >= this.#fileBytes) await this.#end()
    }
    await this.#index?.add(batch, this.#rows, rows, consecutive(batch, rows))
    this.#rows += rows
  }

  async seal(): Promise<ParquetPart> {
    if (this.#files.length === 0 && this.#writer === undefined) await this.#open()
    if (this.#writer !== undefined) await this.#end()
    const index = await this.#index?.seal()
    const [first] = this.#files as [StagedPart]
    const bytes = this.#files.reduce((sum, file) => sum + file.bytes, 0)
    const columns = this.#schema?.columns ?? []
    return { ...first, bytes, rows: this.#rows, columns, files: this.#files, types: this.#types(), ...index }
  }

  async close(): Promise<void> {
    await this.#closeFile()
    await this.#index?.close()
  }

  async #closeFile(): Promise<void> {
    await this.#writer?.close()
    await this.#output?.close()
    this.#writer = undefined
    this.#output = undefined
  }

  async #open(): Promise<ParquetWriter> {
    const { target, plan, split } = this.#place
    const { pool, io, keepIndex } = this.#resources
    const resources = { linear: pool.linear, io, rewritable: keepIndex }
    this.#output = await stageOutput(target, plan, split, resources, this.#files.length)
    this.#writer = new ParquetWriter(this.#columns, pool, this.#output, this.#format)
    return this.#writer
  }

  async #end(): Promise<void> {
    const [writer, output] = [this.#writer as ParquetWriter, this.#output as StagedOutput]
    await writer.finish()
    const sealed = await output.seal()
    this.#files.push({ split: this.#place.split, file: this.#files.length, ...sealed, rows: writer.rows })
    await this.#closeFile()
  }

  #types(): Readonly<Record<string, TypeName>> {
    const known = this.#columns.flatMap(({ name, type }) => (type === undefined ? [] : [[name, formatType(type)]]))
    return Object.fromEntries(known)
  }

  #take(schema: Schema): void {
    if (this.#schema === undefined) this.#columns = schema.fields.map((field) => new ColumnCells(field))
    else if (schema !== this.#schema) checkColumns(this.#schema.columns, schema.columns)
    this.#schema = schema
  }
}

function checkColumns(known: readonly string[], columns: readonly string[]): void {
  if (known.length === columns.length && known.every((name, index) => name === columns[index])) return
  throw new SluiceError('transform-failed', `The columns changed from ${known.join(', ')} to ${columns.join(', ')}.`)
}

/** Rows stand in groups and columns: what the index has of each is its number. */
function consecutive({ memory }: RecordBatch, rows: number): number {
  const ends = memory.allocate(rows * 4)
  const { words } = memory.linear
  for (let row = 0; row < rows; row++) words[(ends >>> 2) + row] = row + 1
  return ends
}
