import { SluiceError } from '../../errors.ts'
import { readAvro, writeAvro } from './avro-file.ts'
import type { AvroSchema } from './avro-values.ts'
import { byFieldId, itemsOf, schemaOfField } from './by-field-id.ts'
import type { IcebergSchema } from './iceberg-schema.ts'
import type { Bounds, Counts, ManifestEntry, TableFile } from './manifest-entry.ts'
import { decimalBytes, manifestEntrySchema } from './manifest-schema.ts'
import type { BoundPartitionField, PartitionSpec } from './partition-spec.ts'
import { fromTwosComplement, kindOf, type SingleValue, twosComplement } from './single-value.ts'

/** What all entries of a manifest have in common. */
export interface ManifestHeader {
  readonly schema: IcebergSchema
  readonly spec: PartitionSpec
  /** The spec, bound to its types. */
  readonly partition: readonly BoundPartitionField[]
}

/** The bytes of a manifest of data files. Of one snapshot and its entries they are always the same but for a marker. */
export function writeManifest(
  { schema, spec, partition }: ManifestHeader,
  entries: readonly ManifestEntry[],
): Promise<Buffer> {
  const metadata = {
    schema: JSON.stringify(schema),
    'schema-id': String(schema['schema-id']),
    'partition-spec': JSON.stringify(spec.fields),
    'partition-spec-id': String(spec['spec-id']),
    'format-version': '2',
    content: 'data',
  }
  const records = entries.map((entry) => ({
    status: entry.status,
    snapshot_id: entry.snapshotId,
    sequence_number: entry.sequenceNumber,
    file_sequence_number: entry.fileSequenceNumber,
    data_file: dataFileRecord(entry.file, partition),
  }))
  return writeAvro(manifestEntrySchema(partition), metadata, records)
}

function dataFileRecord(file: TableFile, partition: readonly BoundPartitionField[]): unknown {
  const names = partitionNames(partition)
  const tuple = partition.map(({ type }, index) => [names[index], toAvro(type, file.partition[index] ?? null)])
  return {
    content: file.content,
    file_path: file.path,
    file_format: file.format,
    partition: Object.fromEntries(tuple),
    record_count: file.records,
    file_size_in_bytes: file.bytes,
    column_sizes: pairs(file.columnSizes),
    value_counts: pairs(file.valueCounts),
    null_value_counts: pairs(file.nullCounts),
    nan_value_counts: pairs(file.nanCounts),
    lower_bounds: pairs(file.lowerBounds),
    upper_bounds: pairs(file.upperBounds),
    key_metadata: file.keyMetadata,
    split_offsets: file.splitOffsets,
    equality_ids: null,
    sort_order_id: file.sortOrderId,
  }
}

/** As the schema of the manifest calls them. */
function partitionNames(partition: readonly BoundPartitionField[]): readonly string[] {
  const dataFile = schemaOfField(manifestEntrySchema(partition), 2) as AvroSchema
  const tuple = schemaOfField(dataFile, 102) as { readonly fields: readonly { readonly name: string }[] }
  return tuple.fields.map(({ name }) => name)
}

function pairs<V>(map: ReadonlyMap<number, V> | null): readonly { key: number; value: V }[] | null {
  return map === null ? null : [...map].sort(([a], [b]) => a - b).map(([key, value]) => ({ key, value }))
}

/** Entries of any writer. `partition` is the bound spec of the manifest. Throws `source-failed`. */
export async function readManifest(
  bytes: Buffer,
  where: string,
  partition: readonly BoundPartitionField[],
): Promise<readonly ManifestEntry[]> {
  const { schema, records } = await readAvro(bytes, where)
  const fileSchema = schemaOfField(schema, 2) as AvroSchema
  return understood(where, () => records.map((record) => entryOf(schema, fileSchema, record, partition)))
}

/** What lacks a field that every manifest has is damaged. */
function understood<R>(where: string, work: () => R): R {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SluiceError('source-failed', `${where} is no manifest that can be read: ${why}.`, { cause })
  }
}

function entryOf(
  schema: AvroSchema,
  fileSchema: AvroSchema,
  record: unknown,
  partition: readonly BoundPartitionField[],
): ManifestEntry {
  const entry = byFieldId(schema, record)
  const status = entry.get(0)
  if (status !== 0 && status !== 1 && status !== 2) throw new TypeError('an entry has no status')
  return {
    status,
    snapshotId: longOf(entry.get(1)),
    sequenceNumber: longOf(entry.get(3)),
    fileSequenceNumber: longOf(entry.get(4)),
    file: tableFile(fileSchema, entry.get(2), partition),
  }
}

function tableFile(schema: AvroSchema, record: unknown, partition: readonly BoundPartitionField[]): TableFile {
  const file = byFieldId(schema, record)
  const tuple = byFieldId(schemaOfField(schema, 102) as AvroSchema, file.get(102))
  const map = <V>(id: number, key: number, value: number) =>
    mapOf<V>(schemaOfField(schema, id), file.get(id), { key, value })
  const [path, size] = [file.get(100), file.get(104)]
  if (typeof path !== 'string' || typeof size !== 'bigint') throw new TypeError('a file has no path or no size')
  return {
    content: (file.get(134) as number | undefined) ?? 0,
    path,
    format: String(file.get(101)).toUpperCase(),
    partition: partition.map(({ id, type }) => fromAvro(type, tuple.get(id) ?? null)),
    records: file.get(103) as bigint,
    bytes: size,
    columnSizes: map<bigint>(108, 117, 118) as Counts,
    valueCounts: map<bigint>(109, 119, 120) as Counts,
    nullCounts: map<bigint>(110, 121, 122) as Counts,
    nanCounts: map<bigint>(137, 138, 139) as Counts,
    lowerBounds: map<Buffer>(125, 126, 127) as Bounds,
    upperBounds: map<Buffer>(128, 129, 130) as Bounds,
    splitOffsets: (file.get(132) as readonly bigint[] | null | undefined) ?? null,
    sortOrderId: (file.get(140) as number | null | undefined) ?? null,
    keyMetadata: (file.get(131) as Buffer | null | undefined) ?? null,
  }
}

function mapOf<V>(
  schema: AvroSchema | undefined,
  items: unknown,
  { key, value }: { readonly key: number; readonly value: number },
): ReadonlyMap<number, V> | null {
  if (items === null || items === undefined) return null
  const item = itemsOf(schema)
  return new Map(
    (items as readonly unknown[]).map((pair) => {
      const fields = byFieldId(item, pair)
      return [fields.get(key) as number, fields.get(value) as V]
    }),
  )
}

function longOf(value: unknown): bigint | null {
  return (value as bigint | null | undefined) ?? null
}

function toAvro(type: string, value: SingleValue | null): unknown {
  if (value === null) return null
  switch (kindOf(type)) {
    case 'boolean':
      return Boolean(value)
    case 'decimal': {
      const bytes = twosComplement(value as bigint)
      const fill = (value as bigint) < 0n ? 0xff : 0
      return Buffer.concat([Buffer.alloc(decimalBytes(type) - bytes.length, fill), bytes])
    }
    case 'uuid':
      return Buffer.from(value as string, 'hex')
    case 'string':
      return typeof value === 'string' ? value : Buffer.from(value as Uint8Array).toString()
    case 'binary':
    case 'fixed':
      return Buffer.from(value as Uint8Array)
    default:
      return value
  }
}

function fromAvro(type: string, value: unknown): SingleValue | null {
  if (value === null) return null
  switch (kindOf(type)) {
    case 'boolean':
      return Number(value)
    case 'long':
      // Manifests from before a widening have an int.
      return BigInt(value as bigint)
    case 'decimal':
      return fromTwosComplement(value as Buffer)
    case 'uuid':
      return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value).replaceAll('-', '')
    default:
      return value as SingleValue
  }
}
