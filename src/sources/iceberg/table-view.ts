import { type ParquetFile, unreadable } from '../../parquet/parquet-file.ts'
import type { ReadProblem } from '../../parquet/read-fill.ts'
import type { Footer } from '../../parquet/read-footer.ts'
import { type RowGroupPart, readableField } from '../../parquet/read-row-group.ts'
import type { ParquetField } from '../../parquet/read-schema.ts'
import type { BatchMemory } from '../../records/batch-memory.ts'
import { constantColumn } from '../../records/constant-column.ts'
import { type DataType, formatType } from '../../records/data-type.ts'
import { type TypedColumn, withFailed } from '../../records/typed-column.ts'
import { typedValues } from '../../records/typed-values.ts'
import { widenColumn, widensTo } from '../../records/widen-column.ts'
import { icebergTypeOf, type TableColumn } from '../../storage/iceberg/schema-mapping.ts'
import { decodeValue } from '../../storage/iceberg/single-value.ts'
import type { ParquetInput } from '../parquet-input.ts'
import type { ParquetView, ShownRows } from '../parquet-view.ts'
import { failingRows } from './failing-rows.ts'
import type { TableReading } from './table-reading.ts'
import type { TableSplit } from './table-splits.ts'

/**
 * A data file as its table is now. Columns are found by their ids, whatever they are called or wherever they stand in the
 * file; those that came later are null, those that were widened since are widened, those that
 * divide the table and are not in the file are what its partition says.
 *
 * @throws SluiceError `source-failed` for a file that does not fit its table.
 */
export function tableView(
  file: ParquetFile,
  footer: Footer,
  { columns, tested, conditions }: TableReading,
  { names, constants }: Pick<TableSplit, 'names' | 'constants'>,
): Required<Pick<ParquetInput, 'fields' | 'view'>> {
  const ids = idsOf(file, footer, names)
  const wanted = [...columns, ...tested]
  const found = wanted.map((column) => fieldFor(file, footer, { column, ids, constants }))
  const fields = found.filter((field) => field !== undefined)
  const view: ParquetView = {
    fields: columns,
    show: (memory, part) => {
      const shown = new ShownColumns(memory, part, constants)
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

/** The ids of the columns of a file, in their order: its own, or those of its names where it has none at all. */
function idsOf(file: ParquetFile, { fields }: Footer, names: TableSplit['names']): readonly (number | undefined)[] {
  const own = fields.map(({ fieldId }) => fieldId)
  if (own.length === 0 || own.some((id) => id !== undefined)) return own
  if (names !== undefined) return fields.map(({ name }) => (Object.hasOwn(names, name) ? names[name] : undefined))
  const fix = 'Give the table a name mapping, or rewrite the file, as Spark does with `rewrite_data_files`.'
  throw unreadable(file, `its columns have no ids, so that nobody can tell which of the table they are. ${fix}`)
}

interface Wanted {
  readonly column: TableColumn
  readonly ids: readonly (number | undefined)[]
  readonly constants: TableSplit['constants']
}

function fieldFor(file: ParquetFile, footer: Footer, { column, ids, constants }: Wanted): ParquetField | undefined {
  const known = footer.fields[ids.indexOf(column.id)]
  if (known === undefined) {
    if (column.nullable || typeof constants[column.id] === 'string') return undefined
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
  readonly #constants: TableSplit['constants']
  readonly #problems: ReadProblem[] = []

  constructor(memory: BatchMemory, part: RowGroupPart, constants: TableSplit['constants']) {
    this.#memory = memory
    this.#part = part
    this.#constants = constants
  }

  /** A column of the table, out of the one of the file at some place, if it is there. */
  add(column: TableColumn, field: ParquetField | undefined, place: number): TypedColumn {
    const { columns, problems } = this.#part
    if (field === undefined) return this.#absent(column)
    const { name } = column
    for (const problem of problems) if (problem.column === field.name) this.#problems.push({ ...problem, column: name })
    const shown = widenColumn(this.#memory, columns[place] as TypedColumn, column.type)
    return column.nullable || !field.nullable ? shown : this.#required(shown, name)
  }

  /** What the partition says, or null. */
  #absent({ id, type }: TableColumn): TypedColumn {
    const { rows } = this.#part
    const constant = this.#constants[id] ?? null
    if (constant === null) return typedValues(this.#memory, type, new Array(rows).fill(null), () => {})
    const value = decodeValue(icebergTypeOf(type), Buffer.from(constant, 'base64'))
    return constantColumn(this.#memory, type, value, rows)
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
