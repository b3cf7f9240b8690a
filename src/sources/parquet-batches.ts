import type { ReadProblem } from '../parquet/read-fill.ts'
import { type BatchLimits, type RowGroupPart, RowGroupReader } from '../parquet/read-row-group.ts'
import type { ParquetField } from '../parquet/read-schema.ts'
import type { BatchMemory } from '../records/batch-memory.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import type { DataType } from '../records/data-type.ts'
import { RecordBatch } from '../records/record-batch.ts'
import { type Schema, schemaOfFields } from '../records/schema.ts'
import { GONE, LIVE } from '../records/span.ts'
import { typedValues } from '../records/typed-values.ts'
import { isBytes, valueType } from '../records/types/types.ts'
import type { ParquetInput } from './parquet-input.ts'
import { ParquetOrigins } from './parquet-origins.ts'
import type { ShownRows } from './parquet-view.ts'
import type { Split } from './source.ts'

export interface ReadBatch {
  readonly batch: RecordBatch
  /** Its share of the file. */
  readonly bytes: number
}

/** The row groups of a file, one after another, in batches. */
export class ParquetBatches {
  readonly schema: Schema
  readonly #split: Split
  readonly #input: ParquetInput
  readonly #pool: BatchPool
  readonly #limits: BatchLimits
  #rows = 0
  #dropped = 0

  constructor(split: Split, input: ParquetInput, pool: BatchPool) {
    this.#split = split
    this.#input = input
    this.#pool = pool
    this.#limits = batchLimits(input.fields)
    const { nullable = [] } = split
    const { fields = input.fields } = input.view ?? {}
    this.schema = schemaOfFields(
      fields.map((field) => {
        return { name: field.name, type: field.type, nullable: field.nullable || nullable.includes(field.name) }
      }),
    )
  }

  /** Rows that the view has dropped until now. */
  get dropped(): number {
    return this.#dropped
  }

  /** The first one comes even without rows. */
  async *all(): AsyncGenerator<ReadBatch, void, void> {
    const { file, footer, fields } = this.#input
    const columns = fields.map(({ name }) => name)
    for (const [index, { rows, start }] of footer.rowGroups.entries()) {
      if (rows === 0) continue
      const reader = new RowGroupReader(file, footer, index, columns)
      while (reader.left > 0) yield await this.#next((memory) => reader.next(memory, this.#limits), start)
    }
    if (footer.rows === 0) yield await this.#next(async (memory) => this.#nothing(memory), 0)
  }

  async #next(read: (memory: BatchMemory) => Promise<RowGroupPart>, offset: number): Promise<ReadBatch> {
    const memory = await this.#pool.acquire()
    try {
      const part = shown(memory, await read(memory), this.#input)
      const before = this.#share
      const batch = this.#batch(memory, part, offset)
      this.#rows += part.rows
      return { batch, bytes: this.#share - before }
    } catch (error) {
      this.#pool.release(memory)
      throw error
    }
  }

  #batch(memory: BatchMemory, { rows, columns, problems, dropped }: ShownRows, offset: number): RecordBatch {
    const live = memory.allocate(rows)
    memory.linear.bytes.fill(LIVE, live, live + rows)
    for (const row of dropped) memory.linear.bytes[live + row] = GONE
    this.#dropped += dropped.length
    const batch = new RecordBatch({
      memory,
      schema: this.schema,
      columns,
      rows,
      live,
      origins: new ParquetOrigins(memory, {
        source: this.#split.source,
        columns: this.schema.columns,
        content: columns,
        problems,
        first: this.#rows,
        offset,
      }),
      release: () => this.#pool.release(memory),
    })
    for (const problem of problems) batch.errors.add(problem.row, rowError(problem))
    return batch
  }

  #nothing(memory: BatchMemory): RowGroupPart {
    const columns = this.#input.fields.map(({ type }) => typedValues(memory, type as DataType, [], () => {}))
    return { rows: 0, columns, problems: [] }
  }

  /** Bytes of the file for the rows until now; all of them in the end. */
  get #share(): number {
    const { file, footer } = this.#input
    return footer.rows === 0 ? file.bytes : Math.floor((file.bytes * this.#rows) / footer.rows)
  }
}

/** Rows as they are to be seen. */
export function shown(memory: BatchMemory, part: RowGroupPart, { view }: Pick<ParquetInput, 'view'>): ShownRows {
  return view?.show(memory, part) ?? { ...part, dropped: [] }
}

function rowError({ column, value, message }: ReadProblem) {
  const text = `"${column}": the value ${message}.`
  return { code: 'type-error', message: text, rule: 'parquet', transform: true, column, value } as const
}

/** So many rows that a batch is about as large as others, whatever its columns. */
export function batchLimits(fields: readonly Pick<ParquetField, 'type'>[]): BatchLimits {
  const types = fields.map(({ type }) => type as DataType)
  const texts = types.filter(isBytes).length
  const width = types.reduce((sum, type) => sum + (isBytes(type) ? SPAN : valueType(type).bytes), 1)
  const rows = Math.floor(BATCH_BYTES / width / 64) * 64
  return {
    rows: Math.max(64, Math.min(MOST_ROWS, rows)),
    bytes: Math.max(4096, Math.floor(BATCH_BYTES / Math.max(1, texts))),
  }
}

const SPAN = 8
const BATCH_BYTES = 1 << 20
const MOST_ROWS = 1 << 13
