import type { ReadProblem } from '../parquet/read-fill.ts'
import type { BatchMemory } from '../records/batch-memory.ts'
import { formatCell } from '../records/column.ts'
import type { Origins, SourceRecord } from '../records/origins.ts'
import { FixedColumn, type TypedColumn } from '../records/typed-column.ts'
import { valueType } from '../records/types/types.ts'

export interface ParquetPlace {
  readonly source: string
  readonly columns: readonly string[]
  /** The columns as they were read. */
  readonly content: readonly TypedColumn[]
  /** What stood where a value could not be had. */
  readonly problems: readonly ReadProblem[]
  /** The ordinal of the first row. */
  readonly first: number
  /** Where the row group begins. */
  readonly offset: number
}

/** Rows have no text in a Parquet file: as records they are lines of JSON, in which every value is exact. */
export class ParquetOrigins implements Origins {
  readonly source: string
  readonly columns: readonly string[]
  readonly #memory: BatchMemory
  readonly #place: ParquetPlace

  constructor(memory: BatchMemory, place: ParquetPlace) {
    this.source = place.source
    this.columns = place.columns
    this.#memory = memory
    this.#place = place
  }

  get consecutiveFrom(): number {
    return this.#place.first
  }

  ordinal(row: number): number {
    return this.#place.first + row
  }

  record(row: number): SourceRecord {
    const ordinal = this.ordinal(row)
    const text = (index: number) => this.#text(row, index)
    const [columns, content] = [this.columns, this.#place.content]
    return {
      ordinal,
      line: ordinal + 1,
      byteOffset: this.#place.offset,
      get byteLength() {
        return this.raw.length
      },
      get raw() {
        const pairs = columns.map((name, index) => {
          return `${JSON.stringify(name)}:${jsonOf(content[index] as TypedColumn, row, text(index))}`
        })
        return Buffer.from(`{${pairs.join(',')}}`)
      },
      cell: (name) => (columns.includes(name) ? text(columns.indexOf(name)) : undefined),
      get values() {
        return Object.fromEntries(columns.map((name, index) => [name, text(index)]))
      },
    }
  }

  #text(row: number, index: number): string | null {
    const column = this.#place.content[index] as TypedColumn
    if (column.failed?.has(row)) {
      const name = this.columns[index]
      return this.#place.problems.find((problem) => problem.row === row && problem.column === name)?.value ?? null
    }
    if (!column.validity.has(row)) return null
    if (!(column instanceof FixedColumn)) return formatCell(column.value(row))
    const type = valueType(column.type)
    return type.text(type.read(this.#memory.linear.bytes, column.address + row * type.bytes))
  }
}

/** What JSON can hold exactly stands as it is, all else as text. */
function jsonOf({ type: { kind }, failed }: TypedColumn, row: number, text: string | null): string {
  if (text === null) return 'null'
  const bare = kind === 'boolean' || kind === 'int32' || (kind === 'float64' && /\d$/.test(text))
  return bare && !failed?.has(row) ? text : JSON.stringify(text)
}
