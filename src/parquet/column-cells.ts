import { SluiceError } from '../errors.ts'
import type { Cell, Column } from '../records/column.ts'
import { type DataType, formatType, sameType } from '../records/data-type.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { Field } from '../records/schema.ts'
import { LIVE, type Spans } from '../records/span.ts'
import { SpanColumn } from '../records/span-column.ts'
import { BytesColumn, type FixedColumn, isTyped, type TypedColumn } from '../records/typed-column.ts'
import { typedValues } from '../records/typed-values.ts'
import { layoutOf } from './layout.ts'

/** The cells of a column of a batch as kernels take them; `validity` 0 says that a cell of no bytes is null. */
export type Cells =
  | { readonly kind: 'spans'; readonly spans: Spans; readonly validity: number }
  | { readonly kind: 'fixed'; readonly address: number; readonly stride: number; readonly validity: number }
  | { readonly kind: 'nulls' }

/**
 * What a column holds in all batches. Its type is what the schema says, else what its first value is; a column without
 * a value so far has none yet.
 */
export class ColumnCells {
  readonly name: string
  readonly nullable: boolean
  readonly fieldId: number | undefined
  #type: DataType | undefined
  /** The schema says it, so that values which can be of that type are taken for it. */
  readonly #declared: boolean
  #guessed = false

  constructor({ name, type, nullable }: Field, fieldId?: number) {
    this.name = name
    this.nullable = nullable
    this.fieldId = fieldId
    this.#type = type
    this.#declared = type !== undefined
  }

  /** Undefined as long as neither the schema nor a value said it. */
  get type(): DataType | undefined {
    return this.#guessed ? undefined : this.#type
  }

  /** At the end of a file a column without values must be something. */
  settle(): DataType {
    this.#guessed ||= this.#type === undefined
    this.#type ??= TEXT
    return this.#type
  }

  /** Allocates in the batch, where values must be laid out. */
  of(column: Column, batch: RecordBatch): Cells {
    if (isTyped(column)) return this.#typed(column)
    if (column instanceof SpanColumn && (this.#type ?? TEXT).kind === 'string') return this.#text(column)
    const cells = liveCells(column, batch)
    const first = cells.find((cell) => cell !== null)
    if (first === undefined) return { kind: 'nulls' }
    this.#type ??= typeOfCell(first as NonNullable<Cell>)
    if (!this.#declared) this.#checkKinds(cells)
    if (this.#type.kind === 'string') return this.#text(column)
    const refuse = (row: number) => {
      throw this.#mixed(`a value that is no ${formatType(this.settle())}`, batch, row)
    }
    return this.#typed(typedValues(batch.memory, this.#type, cells, refuse))
  }

  #text(column: Column): Cells {
    this.#type = TEXT
    this.#guessed = false
    return { kind: 'spans', spans: column.spans(), validity: 0 }
  }

  #typed(column: TypedColumn): Cells {
    this.#type ??= column.type
    if (!sameType(this.#type, column.type)) throw this.#mixed(`values of type ${formatType(column.type)}`)
    const validity = column.validity.address
    if (column instanceof BytesColumn) return { kind: 'spans', spans: column.content, validity }
    return { kind: 'fixed', address: (column as FixedColumn).address, stride: layoutOf(column.type).stride, validity }
  }

  #checkKinds(cells: readonly Cell[]): void {
    const { kind } = this.settle()
    const other = cells.find((cell) => cell !== null && typeOfCell(cell).kind !== kind)
    if (other !== undefined) throw this.#mixed(`a ${typeOfCell(other as NonNullable<Cell>).kind}`)
  }

  #mixed(what: string, batch?: RecordBatch, row?: number): SluiceError {
    const type = formatType(this.settle())
    const where = batch === undefined ? '' : `, in record ${batch.origins.ordinal(row as number) + 1}`
    return new SluiceError(
      'transform-failed',
      `The column ${this.name} is ${type}, and has ${what}${where}. A column of Parquet has one type: \`cast\` it.`,
      { context: { column: this.name } },
    )
  }
}

const TEXT: DataType = { kind: 'string' }

/** What rows that are gone hold is undefined. */
function liveCells(column: Column, { mask }: RecordBatch): readonly Cell[] {
  return column.values().map((cell, row) => (mask[row] === LIVE && cell !== undefined ? cell : null))
}

/** What a value is that a function made, where nothing says it. */
export function typeOfCell(cell: NonNullable<Cell>): DataType {
  if (cell instanceof Date) return { kind: 'timestamptz' }
  if (cell instanceof Uint8Array) return { kind: 'binary' }
  return { kind: KINDS[typeof cell as keyof typeof KINDS] }
}

const KINDS = { string: 'string', number: 'float64', bigint: 'int64', boolean: 'boolean' } as const
