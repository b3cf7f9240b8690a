import { type ParquetFile, unreadable } from '../../parquet/parquet-file.ts'
import type { ReadProblem } from '../../parquet/read-fill.ts'
import type { Footer } from '../../parquet/read-footer.ts'
import { type RowGroupPart, readableField } from '../../parquet/read-row-group.ts'
import type { ParquetField } from '../../parquet/read-schema.ts'
import type { BatchMemory } from '../../records/batch-memory.ts'
import { type DataType, formatType } from '../../records/data-type.ts'
import { type TypedColumn, withFailed } from '../../records/typed-column.ts'
import { typedValues } from '../../records/typed-values.ts'
import { widenColumn, widensTo } from '../../records/widen-column.ts'
import type { TableColumn } from '../../storage/iceberg/schema-mapping.ts'
import type { ParquetInput } from '../parquet-input.ts'
import type { ParquetView, ShownRows } from '../parquet-view.ts'
import { failingRows } from './failing-rows.ts'
import type { TableReading } from './table-reading.ts'

/**
 * A data file as its table is now. Columns are found by their ids, whatever they are called or wherever they stand in the
 * file; those that came later are null, those that were widened since are widened.
 *
 * @throws SluiceError `source-failed` for a file that does not fit its table.
 */
export function tableView(
  file: ParquetFile,
  footer: Footer,
  { columns, tested, conditions }: TableReading,
): Required<Pick<ParquetInput, 'fields' | 'view'>> {
  if (footer.fields.length > 0 && footer.fields.every(({ fieldId }) => fieldId === undefined)) {
    const fix = 'Rewrite it, as Spark does with `rewrite_data_files`.'
    throw unreadable(file, `its columns have no ids, so that nobody can tell which of the table they are. ${fix}`)
  }
  const wanted = [...columns, ...tested]
  const found = wanted.map((column) => fieldFor(file, footer, column))
  const fields = found.filter((field) => field !== undefined)
  const view: ParquetView = {
    fields: columns,
    show: (memory, part) => {
      const shown = new ShownColumns(memory, part)
      const all = wanted.map((column, index) => shown.add(column, found[index], fields.indexOf(found[index] as never)))
      const dropped = failingRows(
        memory,
        conditions.map((condition) => [
          condition,
          all[wanted.findIndex(({ id }) => id === condition.id)] as TypedColumn,
        ]),
        part.rows,
      )
      return shown.rows(all.slice(0, columns.length), dropped)
    },
  }
  return { fields, view }
}

function fieldFor(file: ParquetFile, footer: Footer, column: TableColumn): ParquetField | undefined {
  const known = footer.fields.find(({ fieldId }) => fieldId === column.id)
  if (known === undefined) {
    if (column.nullable) return undefined
    throw unreadable(file, `it has no column "${column.name}", which the table requires. Write the file again.`)
  }
  const field = readableField(file, footer, known.name)
  if (widensTo(field.type as DataType, column.type) || isOldInstant(field, column)) return field
  const types = `${formatType(field.type as DataType)} there and ${formatType(column.type)} in the table`
  throw unreadable(file, `the column "${column.name}" is ${types}. Write the file again.`)
}

/** Spark's old form of an instant, which does not say that it is one. */
function isOldInstant({ physical }: ParquetField, { type }: TableColumn): boolean {
  return physical === 'INT96' && type.kind === 'timestamptz'
}

/** The columns of some rows, and what was wrong with values on the way. */
class ShownColumns {
  readonly #memory: BatchMemory
  readonly #part: RowGroupPart
  readonly #problems: ReadProblem[] = []

  constructor(memory: BatchMemory, part: RowGroupPart) {
    this.#memory = memory
    this.#part = part
  }

  /** A column of the table, out of the one of the file at some place, if it is there. */
  add(column: TableColumn, field: ParquetField | undefined, place: number): TypedColumn {
    const { rows, columns, problems } = this.#part
    if (field === undefined) return typedValues(this.#memory, column.type, new Array(rows).fill(null), () => {})
    const { name } = column
    for (const problem of problems) if (problem.column === field.name) this.#problems.push({ ...problem, column: name })
    const shown = widenColumn(this.#memory, columns[place] as TypedColumn, column.type)
    return column.nullable || !field.nullable ? shown : this.#required(shown, name)
  }

  /** No reader is to find a null where the table has none. */
  #required(column: TypedColumn, name: string): TypedColumn {
    const failed = new Set(column.failed)
    for (let row = 0; row < column.rows; row++) {
      if (column.validity.has(row) || failed.has(row)) continue
      failed.add(row)
      this.#problems.push({ row, column: name, value: '', message: 'is missing, though the table requires it' })
    }
    return withFailed(this.#memory, column, failed)
  }

  rows(columns: readonly TypedColumn[], dropped: readonly number[]): ShownRows {
    const gone = new Set(dropped)
    return { rows: this.#part.rows, columns, dropped, problems: this.#problems.filter(({ row }) => !gone.has(row)) }
  }
}
