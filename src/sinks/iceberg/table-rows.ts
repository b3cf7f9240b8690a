import { SluiceError } from '../../errors.ts'
import { typeOfCell } from '../../parquet/column-cells.ts'
import type { Cell, Column } from '../../records/column.ts'
import { type DataType, formatType, STRING } from '../../records/data-type.ts'
import { nullRows } from '../../records/null-rows.ts'
import type { RecordBatch } from '../../records/record-batch.ts'
import type { Field, Schema } from '../../records/schema.ts'
import { LIVE } from '../../records/span.ts'
import { SpanColumn } from '../../records/span-column.ts'
import { isTyped } from '../../records/typed-column.ts'
import { typedValues } from '../../records/typed-values.ts'
import { widenColumn, widensTo } from '../../records/widen-column.ts'
import { dataTypeOf } from '../../storage/iceberg/schema-mapping.ts'
import { formatTransform } from '../../storage/iceberg/transform.ts'
import { type WriteWish, writeLayout } from '../../storage/iceberg/write-layout.ts'
import { beyondTruncation } from './beyond-truncation.ts'
import { type TableLayout, tableLayout } from './table-layout.ts'

/**
 * Turns batches into rows of a table: its columns, in its types, null only where it may be. What the columns are is decided
 * by the first batch that has rows.
 */
export class TableRows {
  readonly #wish: WriteWish
  readonly #table: string
  #given: Schema | undefined
  #layout: TableLayout | undefined
  #fields: readonly Field[] | undefined
  /** Columns that are null in all of the first rows, and whose type nothing says. */
  readonly #guessed = new Set<string>()
  /** Of the batches, column by column of the table. */
  #places: readonly number[] = []

  constructor(wish: WriteWish, table: string) {
    this.#wish = wish
    this.#table = table
  }

  /** The names of the columns as the rows have them. */
  get names(): readonly string[] {
    return this.#given?.columns ?? []
  }

  /** What is known of the columns; of those that never had a value, that they are text. */
  get fields(): readonly Field[] {
    return this.#fields ?? (this.#given?.fields ?? []).map((field) => ({ ...field, type: field.type ?? STRING }))
  }

  /** Undefined as long as there are no rows. */
  get layout(): TableLayout | undefined {
    return this.#layout
  }

  /** Throws what `writeLayout` throws, and `transform-failed` for values that the table cannot have. */
  take(batch: RecordBatch): { readonly rows: RecordBatch; readonly layout: TableLayout } | undefined {
    this.#check(batch.schema)
    if (batch.memory.kernels.countLive(batch.live, batch.rows) === 0) return undefined
    const layout = this.#layout ?? this.#decide(batch)
    const columns = layout.columns.map((_, index) => this.#column(batch, layout, index))
    const rows = batch.withColumns(layout.rows, columns)
    this.#checkPartitions(rows, layout)
    return { rows, layout }
  }

  #check(schema: Schema): void {
    this.#given ??= schema
    if (schema === this.#given) return
    const known = this.#given.columns
    const { columns } = schema
    if (known.length === columns.length && known.every((name, index) => name === columns[index])) return
    throw new SluiceError('transform-failed', `The columns changed from ${known.join(', ')} to ${columns.join(', ')}.`)
  }

  #decide(batch: RecordBatch): TableLayout {
    const { mode, table } = this.#wish
    const there = mode === 'createOrReplace' ? [] : (table?.current.fields ?? [])
    const known = new Map(there.map(({ name, type }) => [name, dataTypeOf(type)]))
    const fields = batch.schema.fields.map((field, index): Field => {
      const column = batch.columns[index] as Column
      if (field.type !== undefined) return field
      if (isTyped(column)) return { ...field, type: column.type }
      if (column instanceof SpanColumn) return { ...field, type: STRING }
      return { ...field, type: known.get(field.name) ?? this.#firstType(field.name, column, batch) }
    })
    this.#fields = fields
    this.#layout = tableLayout(writeLayout(this.#wish, fields))
    this.#places = this.#layout.columns.map(({ name }) => batch.schema.indexOf.get(name) as number)
    return this.#layout
  }

  #firstType(name: string, column: Column, batch: RecordBatch): DataType {
    const first = liveCells(column, batch).find((cell) => cell !== null && cell !== undefined)
    if (first !== undefined && first !== null) return typeOfCell(first)
    this.#guessed.add(name)
    return STRING
  }

  #column(batch: RecordBatch, layout: TableLayout, index: number): Column {
    const column = batch.columns[this.#places[index] as number] as Column
    const { name, type, nullable } = layout.rows.fields[index] as TableLayout['rows']['fields'][number]
    const refuse = (row: number) => {
      if (this.#guessed.has(name)) throw this.#contradiction(name, batch, row, column.value(row))
      throw this.#refusal(name, `has a value that is no ${formatType(type)}`, batch, row, 'cast')
    }
    const fits = isTyped(column) && widensTo(column.type, type)
    const taken = fits ? widenColumn(batch.memory, column, type) : undefined
    const text = type.kind === 'string' && column instanceof SpanColumn
    const whole = taken ?? (text ? column : typedValues(batch.memory, type, liveCells(column, batch), refuse))
    if (!nullable) this.#checkNulls(batch, whole, name)
    return whole
  }

  #checkPartitions(rows: RecordBatch, layout: TableLayout): void {
    const beyond = beyondTruncation(rows, layout)
    if (beyond === undefined) return
    const { transform, sourceType, sourceId } = beyond.field
    const name = layout.columns.find(({ id }) => id === sourceId)?.name as string
    const what = `has a value that ${formatTransform(transform)} makes one of more digits than ${sourceType} has`
    throw this.#refusal(name, what, rows, beyond.row, 'truncate')
  }

  #checkNulls(batch: RecordBatch, column: Column, name: string): void {
    const { mask } = batch
    const row = nullRows(batch, column).find((candidate) => mask[candidate] === LIVE)
    if (row !== undefined) throw this.#refusal(name, 'is null, and the table requires it', batch, row, 'require')
  }

  #contradiction(column: string, batch: RecordBatch, row: number, cell: Cell): SluiceError {
    const kind = formatType(typeOfCell(cell as NonNullable<Cell>))
    const taken = `The column ${column} of ${this.#table} was taken for text, as it is null in all of the first rows`
    const found = `has ${kind} in record ${batch.origins.ordinal(row) + 1}`
    const key = /^[A-Za-z_]\w*$/.test(column) ? column : JSON.stringify(column)
    const fix = `Say its type before: \`cast({ ${key}: '${kind}' })\`.`
    return new SluiceError('transform-failed', `${taken}, and ${found}. ${fix}`, { context: { column } })
  }

  #refusal(column: string, what: string, batch: RecordBatch, row: number, fix: keyof typeof FIXES): SluiceError {
    const where = `in record ${batch.origins.ordinal(row) + 1}`
    const text = `The column ${column} of ${this.#table} ${what}, ${where}. ${FIXES[fix]}`
    return new SluiceError('transform-failed', text, { context: { column } })
  }
}

const FIXES = {
  cast: '`cast` it, so that such rows are rejected.',
  truncate: '`cast` the column to more digits, or partition by `bucket`.',
  require: 'Name it in `requiredColumns`, so that such rows are rejected.',
}

/** What rows that are gone hold is undefined. */
function liveCells(column: Column, { mask }: RecordBatch) {
  return column.values().map((cell, row) => (mask[row] === LIVE ? cell : null))
}
