import { unknownName } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'
import { type Condition, conditionsOf, type Where } from '../../storage/iceberg/condition.ts'
import type { IcebergSchema } from '../../storage/iceberg/iceberg-schema.ts'
import { readableColumns, type TableColumn } from '../../storage/iceberg/schema-mapping.ts'

/** What is read of each file of a table. */
export interface TableReading {
  readonly columns: readonly TableColumn[]
  /** Those that are read only to test them. */
  readonly tested: readonly TableColumn[]
  readonly conditions: readonly Condition[]
}

/** Throws `missing-label` and `unknown-column` for columns that the table lacks, `source-failed` for those of other types. */
export function tableReading(
  table: string,
  schema: IcebergSchema,
  { columns: names, where = {} }: { readonly columns?: readonly string[]; readonly where?: Where },
): TableReading {
  const known = new Map(readableColumns(schema).columns.map((column) => [column.name, column]))
  const columns = (names ?? schema.fields.map(({ name }) => name)).map((name) => {
    return known.get(name) ?? refuse(table, schema, name)
  })
  const conditions = conditionsOf(where, schema)
  const tested = conditions.filter(({ id }) => !columns.some((column) => column.id === id))
  return { columns, tested: tested.map(({ column }) => known.get(column) as TableColumn), conditions }
}

function refuse(table: string, schema: IcebergSchema, name: string): never {
  const { columns, unsupported } = readableColumns(schema)
  const foreign = unsupported.find((column) => column.name === name)
  const names = columns.map((column) => column.name)
  if (foreign === undefined) {
    const text = `${table}: ${unknownName('column', name, names)}`
    throw new SluiceError('missing-label', text.endsWith('?') ? text : `${text}.`, { context: { column: name } })
  }
  const fix = names.length === 0 ? 'No column of it can be.' : `Select others with \`columns\`: ${names.join(', ')}.`
  throw new SluiceError('source-failed', `${table}: column "${name}" is ${foreign.type}, which cannot be read. ${fix}`)
}
