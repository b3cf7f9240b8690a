import { randomBytes, randomUUID } from 'node:crypto'
import { type IcebergSchema, lastColumnId } from './iceberg-schema.ts'
import type { PartitionSpec } from './partition-spec.ts'
import type { Update } from './table-change.ts'

export interface NewTable {
  readonly uuid: string
  readonly location: string
  readonly schema: IcebergSchema
  readonly spec: PartitionSpec
  readonly properties: Readonly<Record<string, string>>
}

/** The updates that make a table of nothing, in the order in which catalogs want them. */
export function creation({ uuid, location, schema, spec, properties }: NewTable): readonly Update[] {
  return [
    { action: 'assign-uuid', uuid },
    { action: 'upgrade-format-version', 'format-version': 2 },
    { action: 'add-schema', schema, 'last-column-id': lastColumnId(schema.fields) },
    { action: 'set-current-schema', 'schema-id': -1 },
    { action: 'add-spec', spec },
    { action: 'set-default-spec', 'spec-id': -1 },
    { action: 'add-sort-order', 'sort-order': { 'order-id': 0, fields: [] } },
    { action: 'set-default-sort-order', 'sort-order-id': -1 },
    { action: 'set-location', location },
    ...(Object.keys(properties).length === 0 ? [] : [{ action: 'set-properties', updates: properties } as const]),
  ]
}

export function newTableUuid(): string {
  return randomUUID()
}

/** Positive, of 63 bits, drawn by lot as all writers do. */
export function newSnapshotId(): bigint {
  return randomBytes(8).readBigUInt64BE() & 0x7fff_ffff_ffff_ffffn || 1n
}
