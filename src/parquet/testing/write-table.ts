import type { BatchMemory } from '../../records/batch-memory.ts'
import { BatchPool } from '../../records/batch-pool.ts'
import type { Cell, Column } from '../../records/column.ts'
import { type DataType, parseType, type TypeName } from '../../records/data-type.ts'
import type { Kernels } from '../../records/kernels/kernels.ts'
import { LinearMemory } from '../../records/linear-memory.ts'
import type { Origins } from '../../records/origins.ts'
import { RecordBatch } from '../../records/record-batch.ts'
import { type Field, schemaOfFields } from '../../records/schema.ts'
import { LIVE } from '../../records/span.ts'
import { typedValues } from '../../records/typed-values.ts'
import type { FileOutput } from '../block-output.ts'
import { ColumnCells } from '../column-cells.ts'
import type { Footer } from '../footer.ts'
import { ParquetWriter, type WriterOptions } from '../parquet-writer.ts'

export interface TestColumn {
  readonly name: string
  /** Undefined: what functions made. */
  readonly type?: TypeName | undefined
  readonly required?: boolean
  readonly fieldId?: number
  readonly cells: readonly Cell[]
  /** Instead of a column of the cells. */
  readonly make?: (memory: BatchMemory, cells: readonly Cell[]) => Column
}

export const DEFAULTS: WriterOptions = {
  compression: 'zstd',
  rowGroupRows: 131_072,
  rowGroupBytes: 16 << 20,
  createdBy: 'sluice version 0.0.0',
}

export interface WrittenFile {
  readonly bytes: Buffer
  readonly footer: Footer
}

/** A file of such columns, given in batches of so many rows. Rows for which `gone` is true are not live. */
export async function writeTable(
  columns: readonly TestColumn[],
  { batchRows = 1000, gone = () => 0, kernels, ...options }: Partial<WriterOptions> & TableOptions = {},
): Promise<WrittenFile> {
  const linear = new LinearMemory()
  const pool = new BatchPool(2, linear, kernels?.(linear))
  const output = new MemoryOutput(pool)
  const fields = columns.map(fieldOf)
  const schema = schemaOfFields(fields)
  const cells = fields.map((field, index) => new ColumnCells(field, columns[index]?.fieldId))
  const writer = new ParquetWriter(cells, pool, output, { ...DEFAULTS, ...options })
  try {
    const rows = columns[0]?.cells.length ?? 0
    for (let from = 0; from < rows; from += batchRows) {
      const memory = await pool.acquire()
      const to = Math.min(rows, from + batchRows)
      const made = columns.map((column, index) => columnOf(memory, fields[index] as Field, column, from, to))
      const live = memory.allocate(to - from)
      for (let row = from; row < to; row++)
        memory.linear.bytes[live + row - from] = gone(row) === 0 ? LIVE : gone(row) - 1
      const parts = { memory, schema, columns: made, rows: to - from, live, origins: ORIGINS }
      const batch = new RecordBatch({ ...parts, release: () => pool.release(memory) })
      for (let row = 0; row < batch.rows; ) row = await writer.write(batch, row)
      batch.release()
    }
    const footer = await writer.finish()
    return { bytes: Buffer.concat(output.pieces), footer }
  } finally {
    await writer.close()
  }
}

export interface TableOptions {
  readonly batchRows?: number
  /** Default: WebAssembly. */
  readonly kernels?: (linear: LinearMemory) => Kernels
  /** 0 for live rows, else the row's live byte plus 1. */
  readonly gone?: (row: number) => number
}

function fieldOf({ name, type, required = false }: TestColumn): Field {
  return { name, type: type === undefined ? undefined : (parseType(type) as DataType), nullable: !required }
}

function columnOf(memory: BatchMemory, field: Field, column: TestColumn, from: number, to: number): Column {
  const cells = column.cells.slice(from, to)
  if (column.make !== undefined) return column.make(memory, cells)
  const refuse = (row: number) => {
    throw new Error(`${field.name} cannot hold ${String(cells[row])}`)
  }
  return typedValues(memory, field.type as DataType, cells, refuse)
}

class MemoryOutput implements FileOutput {
  readonly linear
  readonly pieces: Buffer[] = []
  #address = 0

  constructor({ linear }: BatchPool) {
    this.linear = linear
  }

  async buffer(byteLength: number): Promise<number> {
    this.linear.release(this.#address)
    this.#address = this.linear.reserve(byteLength)
    return this.#address
  }

  async write(byteLength: number): Promise<void> {
    this.pieces.push(Buffer.from(this.linear.bytes.subarray(this.#address, this.#address + byteLength)))
  }
}

const ORIGINS: Origins = {
  source: 'test',
  columns: [],
  ordinal: (row) => row,
  consecutiveFrom: 0,
  record: () => {
    throw new Error('no record is kept')
  },
}
