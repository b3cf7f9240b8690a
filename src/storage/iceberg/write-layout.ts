import { SluiceError } from '../../errors.ts'
import type { Field } from '../../records/schema.ts'
import {
  checkTwins,
  evolveSchema,
  replaceSchema,
  type SchemaPolicy,
  type TableSchemas,
  type WrittenColumn,
} from './evolve-schema.ts'
import { type IcebergSchema, lastColumnId } from './iceberg-schema.ts'
import { type BoundPartitionField, bindSpec, newPartitionSpec, type PartitionSpec } from './partition-spec.ts'
import { newSchema } from './schema-mapping.ts'
import type { WriteMode } from './table-commit.ts'

/** What a job asks of a table, and what there is of it: plain JSON. */
export interface WriteWish {
  readonly mode: WriteMode
  readonly schemaPolicy: SchemaPolicy
  /** Undefined: as the table is; a new one has no partitions. */
  readonly partitionBy?: readonly string[] | undefined
  /** Null: it is to be made. */
  readonly table: KnownTable | null
}

export interface KnownTable extends TableSchemas {
  readonly spec: PartitionSpec
  readonly lastSpecId: number
  readonly lastPartitionId: number
}

/** How rows of some columns lie in the data files of a table. */
export interface WriteLayout {
  readonly schema: IcebergSchema
  readonly lastColumnId: number
  readonly spec: PartitionSpec
  /** For `partitionOf`, `encodeTuple` and `partitionPath`. */
  readonly partition: readonly BoundPartitionField[]
  /** What the files hold, with ids and types, in the order of the rows' columns. */
  readonly columns: readonly WrittenColumn[]
  /** Columns of the rows that go nowhere. */
  readonly discarded: readonly string[]
}

/**
 * Asked by a sink with the columns of its first batch, and again when the run is judged: the same wish and columns give the
 * same layout.
 *
 * @throws SluiceError `target-not-writable`, `job-invalid`
 */
export function writeLayout(wish: WriteWish, fields: readonly Field[]): WriteLayout {
  const { table, mode, schemaPolicy, partitionBy } = wish
  if (table === null || mode === 'createOrReplace') checkTwins(fields)
  if (table === null) return newLayout(fields, partitionBy ?? [])
  if (mode === 'createOrReplace') return replacedLayout(table, fields, partitionBy ?? [])
  const { schema, lastColumnId: last, columns, discarded } = evolveSchema(table, fields, schemaPolicy)
  const { spec } = table
  if (partitionBy !== undefined && !sameFields(spec, newPartitionSpec(partitionBy, schema))) {
    const fix = 'Leave out `partitionBy`, or replace the table by `createOrReplace`.'
    throw new SluiceError('target-not-writable', `The table is partitioned by ${specText(spec, schema)}. ${fix}`)
  }
  return { schema, lastColumnId: last, spec, partition: bindSpec(spec, [schema]), columns, discarded }
}

/** Of a table that gets no rows, and stays as it is. */
export function unchangedLayout({ current: schema, lastColumnId: last, spec }: KnownTable): WriteLayout {
  return { schema, lastColumnId: last, spec, partition: bindSpec(spec, [schema]), columns: [], discarded: [] }
}

function newLayout(fields: readonly Field[], partitionBy: readonly string[]): WriteLayout {
  const schema = newSchema(fields)
  const spec = newPartitionSpec(partitionBy, schema)
  const columns = schema.fields as readonly WrittenColumn[]
  const last = lastColumnId(schema.fields)
  return { schema, lastColumnId: last, spec, partition: bindSpec(spec, [schema]), columns, discarded: [] }
}

function replacedLayout(table: KnownTable, fields: readonly Field[], partitionBy: readonly string[]): WriteLayout {
  const { schema, lastColumnId: last, columns, discarded } = replaceSchema(table, fields)
  const ids = { specId: table.lastSpecId + 1, lastPartitionId: table.lastPartitionId }
  const wanted = newPartitionSpec(partitionBy, schema, ids)
  const spec = sameFields(table.spec, wanted) ? table.spec : wanted
  return { schema, lastColumnId: last, spec, partition: bindSpec(spec, [schema]), columns, discarded }
}

function sameFields(a: PartitionSpec, b: PartitionSpec): boolean {
  const essence = ({ fields }: PartitionSpec) =>
    JSON.stringify(fields.map((field) => [field['source-id'], field.transform]))
  return essence(a) === essence(b)
}

function specText({ fields }: PartitionSpec, schema: IcebergSchema): string {
  if (fields.length === 0) return 'nothing'
  const name = (id: number) => schema.fields.find((field) => field.id === id)?.name ?? `column ${id}`
  return fields.map((field) => `${field.transform} of ${name(field['source-id'])}`).join(', ')
}
