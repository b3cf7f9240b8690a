import { ColumnCells } from '../../parquet/column-cells.ts'
import type { DataType } from '../../records/data-type.ts'
import { type Field, type Schema, schemaOfFields } from '../../records/schema.ts'
import type { WrittenColumn } from '../../storage/iceberg/evolve-schema.ts'
import { dataTypeOf } from '../../storage/iceberg/schema-mapping.ts'
import type { WriteLayout } from '../../storage/iceberg/write-layout.ts'

/** How rows lie in the data files of a table, and what batches of them look like. */
export interface TableLayout extends WriteLayout {
  /** Of batches whose columns are those of the table. */
  readonly rows: Schema & { readonly fields: readonly (Field & { readonly type: DataType })[] }
}

export function tableLayout(layout: WriteLayout): TableLayout {
  const fields = layout.columns.map(({ name, type, required }) => ({ name, type: typeOf(type), nullable: !required }))
  return { ...layout, rows: { ...schemaOfFields(fields), fields } }
}

/** What a writer of data files knows of its columns; the writers of a split share it. */
export function dataColumns({ columns, rows }: TableLayout): readonly ColumnCells[] {
  return rows.fields.map((field, index) => new ColumnCells(field, (columns[index] as WrittenColumn).id))
}

function typeOf(type: string): DataType {
  const known = dataTypeOf(type)
  if (known === undefined) throw new TypeError(`${type} cannot be written`)
  return known
}
