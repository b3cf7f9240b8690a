import type { BatchPool } from '../../records/batch-pool.ts'
import { RecordBatch } from '../../records/record-batch.ts'
import { schemaOfFields } from '../../records/schema.ts'
import { typedValues } from '../../records/typed-values.ts'
import type { IcebergSchema } from '../../storage/iceberg/iceberg-schema.ts'
import type { NameMapping } from '../../storage/iceberg/name-mapping.ts'
import type { Scan, ScanFile } from '../../storage/iceberg/plan-scan.ts'
import { ParquetOrigins } from '../parquet-origins.ts'
import type { SourcePlan, Split } from '../source.ts'
import type { TableReading } from './table-reading.ts'

/** A data file, or no file at all: a table without rows has columns, too. */
export interface TableSplit extends Split {
  readonly bytes: number
  readonly kind: 'file' | 'nothing'
  /** Those columns of the table that are read. */
  readonly schema: IcebergSchema
  readonly names?: NameMapping
  readonly constants: ScanFile['constants']
}

/** A split for each file; one without rows if there is none. `bookmark` is the name of what is read. */
export function planFiles(
  table: string,
  { files, snapshotId, schema, names }: Scan,
  { columns, tested }: TableReading,
  bookmark: string,
): SourcePlan {
  const read = new Set([...columns, ...tested].map(({ id }) => id))
  const mapping = names === undefined ? {} : { names }
  const common = { ...mapping, schema: { ...schema, fields: schema.fields.filter(({ id }) => read.has(id)) } }
  const splits = files.map(({ path, bytes, constants }, index): TableSplit => {
    return { index, source: path, bytes, kind: 'file', constants, ...common }
  })
  const nothing: TableSplit = { index: 0, source: table, bytes: 0, kind: 'nothing', constants: {}, ...common }
  const all = splits.length === 0 ? [nothing] : splits
  return {
    splits: all,
    bytes: splits.reduce((sum, split) => sum + split.bytes, 0),
    inputs: all.map(({ source, bytes }) => ({ source, bytes })),
    version: `${snapshotId}/${schema['schema-id']}`,
    ...(snapshotId === null ? {} : { bookmark: { source: bookmark, position: snapshotId } }),
  }
}

/** The columns, and no row. */
export async function emptyBatch(source: string, { columns }: TableReading, pool: BatchPool): Promise<RecordBatch> {
  const memory = await pool.acquire()
  const schema = schemaOfFields(columns.map(({ name, type, nullable }) => ({ name, type, nullable })))
  const content = columns.map(({ type }) => typedValues(memory, type, [], () => {}))
  const place = { source, columns: schema.columns, content, problems: [], first: 0, offset: 0 }
  return new RecordBatch({
    memory,
    schema,
    columns: content,
    rows: 0,
    live: memory.allocate(0),
    origins: new ParquetOrigins(memory, place),
    release: () => pool.release(memory),
  })
}
