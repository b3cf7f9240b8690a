import type { AvroSchema } from './avro-values.ts'
import type { BoundPartitionField } from './partition-spec.ts'
import { kindOf } from './single-value.ts'

/** The record of a manifest, with the ids of the specification. Its partition tuple has the fields of one spec. */
export function manifestEntrySchema(partition: readonly BoundPartitionField[]): AvroSchema {
  const dataFile = record('r2', [
    required('content', 'int', 134),
    required('file_path', 'string', 100),
    required('file_format', 'string', 101),
    required('partition', record('r102', partition.map(partitionField)), 102),
    required('record_count', 'long', 103),
    required('file_size_in_bytes', 'long', 104),
    optional('column_sizes', pairs(117, 118, 'long'), 108),
    optional('value_counts', pairs(119, 120, 'long'), 109),
    optional('null_value_counts', pairs(121, 122, 'long'), 110),
    optional('nan_value_counts', pairs(138, 139, 'long'), 137),
    optional('lower_bounds', pairs(126, 127, 'bytes'), 125),
    optional('upper_bounds', pairs(129, 130, 'bytes'), 128),
    optional('key_metadata', 'bytes', 131),
    optional('split_offsets', { type: 'array', items: 'long', 'element-id': 133 }, 132),
    optional('equality_ids', { type: 'array', items: 'int', 'element-id': 136 }, 135),
    optional('sort_order_id', 'int', 140),
  ])
  return record('manifest_entry', [
    required('status', 'int', 0),
    optional('snapshot_id', 'long', 1),
    optional('sequence_number', 'long', 3),
    optional('file_sequence_number', 'long', 4),
    required('data_file', dataFile, 2),
  ])
}

/** The record of a manifest list. */
export const MANIFEST_FILE_SCHEMA: AvroSchema = record('manifest_file', [
  required('manifest_path', 'string', 500),
  required('manifest_length', 'long', 501),
  required('partition_spec_id', 'int', 502),
  required('content', 'int', 517),
  required('sequence_number', 'long', 515),
  required('min_sequence_number', 'long', 516),
  required('added_snapshot_id', 'long', 503),
  required('added_files_count', 'int', 504),
  required('existing_files_count', 'int', 505),
  required('deleted_files_count', 'int', 506),
  required('added_rows_count', 'long', 512),
  required('existing_rows_count', 'long', 513),
  required('deleted_rows_count', 'long', 514),
  optional(
    'partitions',
    {
      type: 'array',
      'element-id': 508,
      items: record('r508', [
        required('contains_null', 'boolean', 509),
        optional('contains_nan', 'boolean', 518),
        optional('lower_bound', 'bytes', 510),
        optional('upper_bound', 'bytes', 511),
      ]),
    },
    507,
  ),
  optional('key_metadata', 'bytes', 519),
])

/** Bytes that a decimal of this precision takes as `fixed`. */
export function decimalBytes(type: string): number {
  const precision = Number(/^decimal\((\d+)/.exec(type)?.[1])
  let bytes = 1
  while (2n ** BigInt(bytes * 8 - 1) < 10n ** BigInt(precision)) bytes++
  return bytes
}

function partitionField({ id, name, type }: BoundPartitionField): AvroSchema {
  return optional(avroName(name), avroType(type, id), id)
}

function avroType(type: string, id: number): AvroSchema {
  const kind = kindOf(type)
  const [precision, scale] = type.match(/\d+/g) ?? []
  switch (kind) {
    case 'date':
      return { type: 'int', logicalType: 'date' }
    case 'time':
      return { type: 'long', logicalType: 'time-micros' }
    case 'timestamp':
    case 'timestamptz':
      return { type: 'long', logicalType: 'timestamp-micros', 'adjust-to-utc': kind === 'timestamptz' }
    case 'decimal':
      return {
        ...{ type: 'fixed', name: `decimal_${id}`, size: decimalBytes(type) },
        ...{ logicalType: 'decimal', precision: Number(precision), scale: Number(scale) },
      }
    case 'uuid':
      return { type: 'fixed', name: `uuid_${id}`, size: 16, logicalType: 'uuid' }
    case 'fixed':
      return { type: 'fixed', name: `fixed_${id}`, size: Number(precision) }
    case 'binary':
      return 'bytes'
    default:
      return kind
  }
}

/** Avro allows letters, digits and underscores; Iceberg writes the rest as its code. */
function avroName(name: string): string {
  const text = [...name].map((point) =>
    /\w/.test(point) ? point : `_x${point.codePointAt(0)?.toString(16).toUpperCase()}`,
  )
  const joined = text.join('')
  return /^\d/.test(joined) ? `_${joined}` : joined
}

function record(name: string, fields: readonly AvroSchema[]): AvroSchema {
  return { type: 'record', name, fields }
}

function required(name: string, type: AvroSchema, id: number): AvroSchema {
  return { name, type, 'field-id': id }
}

function optional(name: string, type: AvroSchema, id: number): AvroSchema {
  return { name, type: ['null', type], default: null, 'field-id': id }
}

/** A map whose keys are no strings. */
function pairs(key: number, value: number, type: string): AvroSchema {
  const items = record(`k${key}_v${value}`, [required('key', 'int', key), required('value', type, value)])
  return { type: 'array', logicalType: 'map', items }
}
