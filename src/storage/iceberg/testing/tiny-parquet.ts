import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parquetWriteBuffer, type SchemaElement } from 'hyparquet-writer'
import { type DataFile, encodeBounds } from '../data-file.ts'
import type { WrittenColumn } from '../evolve-schema.ts'
import { partitionPath } from '../partition-path.ts'
import { encodeTuple, partitionOf } from '../partition-spec.ts'
import { compareValues, type SingleValue } from '../single-value.ts'
import type { WriteLayout } from '../write-layout.ts'

/** The values of a row, as `SingleValue` has them, by the names of their columns. */
export type TinyRow = Readonly<Record<string, SingleValue | null>>

/** Writes rows of one partition to a Parquet file, as a sink does, and describes it. */
export function writeTiny(
  staging: string,
  name: string,
  { columns, partition }: WriteLayout,
  rows: readonly TinyRow[],
): DataFile {
  const tuple = partitionOf(
    partition,
    (id) => rows[0]?.[columns.find((column) => column.id === id)?.name as string] ?? null,
  )
  const folder = partitionPath(partition, tuple)
  const path = folder === '' ? name : `${folder}/${name}`
  const bytes = parquetBytes(columns, rows)
  mkdirSync(dirname(`${staging}/${path}`), { recursive: true })
  writeFileSync(`${staging}/${path}`, bytes)
  const of = <V>(value: (present: readonly SingleValue[]) => V) =>
    Object.fromEntries(columns.map(({ id, name: column }) => [id, value(present(rows, column))]))
  return {
    path,
    records: rows.length,
    bytes: bytes.length,
    sha256: createHash('sha256')
      .update(readFileSync(`${staging}/${path}`))
      .digest('hex'),
    partition: encodeTuple(partition, tuple),
    columnSizes: {},
    valueCounts: of(() => rows.length),
    nullCounts: of((values) => rows.length - values.length),
    nanCounts: {},
    ...encodeBounds(
      columns.map(({ id, type, name: column }) => {
        const values = present(rows, column).toSorted(compareValues)
        return { id, type, least: values[0], greatest: values.at(-1) }
      }),
    ),
    splitOffsets: [4],
  }
}

function present(rows: readonly TinyRow[], column: string): SingleValue[] {
  return rows.map((row) => row[column] ?? null).filter((value) => value !== null)
}

function parquetBytes(columns: readonly WrittenColumn[], rows: readonly TinyRow[]): Buffer {
  const schema = [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ id, name, type }) => ({ name, field_id: id, repetition_type: 'OPTIONAL', ...element(type) })),
  ] as unknown as SchemaElement[]
  const columnData = columns.map(({ name, type }) => ({
    name,
    data: rows.map((row) => physical(type, row[name] ?? null)),
  }))
  return Buffer.from(parquetWriteBuffer({ schema, columnData, codec: 'UNCOMPRESSED' } as never))
}

function physical(type: string, value: SingleValue | null): unknown {
  if (value === null) return null
  if (type === 'boolean') return Boolean(value)
  return type === 'uuid' ? Buffer.from(value as string, 'hex') : value
}

function element(type: string): object {
  const [, precision, scale] = /^decimal\((\d+), (\d+)\)$/.exec(type) ?? []
  if (precision !== undefined) {
    return { type: 'INT64', converted_type: 'DECIMAL', precision: Number(precision), scale: Number(scale) }
  }
  const kinds: Readonly<Record<string, object>> = {
    boolean: { type: 'BOOLEAN' },
    int: { type: 'INT32' },
    long: { type: 'INT64' },
    double: { type: 'DOUBLE' },
    date: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
    timestamptz: {
      type: 'INT64',
      converted_type: 'TIMESTAMP_MICROS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    },
    uuid: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } },
    binary: { type: 'BYTE_ARRAY' },
    string: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  }
  const known = kinds[type]
  if (known === undefined) throw new TypeError(`a tiny file has no ${type}`)
  return known
}
