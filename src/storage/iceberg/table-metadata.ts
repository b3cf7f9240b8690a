import { gunzipSync } from 'node:zlib'
import { SluiceError } from '../../errors.ts'
import type { IcebergSchema } from './iceberg-schema.ts'
import { formatLossless, parseLossless } from './lossless-json.ts'
import type { PartitionSpec } from './partition-spec.ts'

/** The metadata of a table, version 2 of the format. What it holds besides is kept as it is. */
export interface TableMetadata {
  readonly 'format-version': number
  readonly 'table-uuid': string
  readonly location: string
  readonly 'last-sequence-number': bigint
  readonly 'last-updated-ms': number
  readonly 'last-column-id': number
  readonly schemas: readonly IcebergSchema[]
  readonly 'current-schema-id': number
  readonly 'partition-specs': readonly PartitionSpec[]
  readonly 'default-spec-id': number
  readonly 'last-partition-id': number
  readonly 'sort-orders': readonly SortOrder[]
  readonly 'default-sort-order-id': number
  readonly properties?: Readonly<Record<string, string>>
  readonly 'current-snapshot-id'?: bigint | null
  readonly snapshots?: readonly Snapshot[]
  readonly 'snapshot-log'?: readonly { readonly 'timestamp-ms': number; readonly 'snapshot-id': bigint }[]
  readonly 'metadata-log'?: readonly { readonly 'timestamp-ms': number; readonly 'metadata-file': string }[]
  readonly refs?: Readonly<Record<string, SnapshotRef>>
}

export interface Snapshot {
  readonly 'snapshot-id': bigint
  readonly 'parent-snapshot-id'?: bigint
  readonly 'sequence-number': bigint
  readonly 'timestamp-ms': number
  readonly 'manifest-list': string
  readonly summary: Readonly<Record<string, string>>
  readonly 'schema-id'?: number
}

export interface SnapshotRef {
  readonly 'snapshot-id': bigint
  readonly type: 'branch' | 'tag'
}

export interface SortOrder {
  readonly 'order-id': number
  readonly fields: readonly unknown[]
}

export const MAIN = 'main'

/** Throws `source-failed` for a table of another version, naming it. */
export function parseTableMetadata(bytes: Buffer, table: string): TableMetadata {
  return checkedMetadata(parsed(bytes, table), table)
}

/** Others may compress it, whatever its name. */
function parsed(bytes: Buffer, table: string): unknown {
  try {
    const packed = bytes[0] === 0x1f && bytes[1] === 0x8b
    return parseLossless((packed ? gunzipSync(bytes) : bytes).toString())
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SluiceError('source-failed', `The metadata of the table ${table} is damaged: ${why}.`, { cause })
  }
}

export function checkedMetadata(metadata: unknown, table: string): TableMetadata {
  const { 'format-version': version } = (metadata ?? {}) as Partial<TableMetadata>
  if (version === 2) return wholeMetadata(metadata as TableMetadata, table)
  const fix = version === 1 ? ' Upgrade it with `format-version` = 2.' : ''
  throw new SluiceError(
    'source-failed',
    `The table ${table} has format version ${version ?? 'unknown'}; Sluice reads and writes version 2.${fix}`,
  )
}

/** What everybody relies on. */
function wholeMetadata(metadata: TableMetadata, table: string): TableMetadata {
  const known = metadata as unknown as Readonly<Record<string, unknown>>
  for (const [type, names] of Object.entries(REQUIRED)) {
    const wrong = names.find((name) => (type === 'array' ? !Array.isArray(known[name]) : typeof known[name] !== type))
    if (wrong === undefined) continue
    throw new SluiceError('source-failed', `The metadata of the table ${table} is damaged: ${wrong} is no ${type}.`)
  }
  const shapes = [...metadata.schemas, ...metadata['partition-specs']] as readonly (Partial<PartitionSpec> | null)[]
  if (shapes.every((shape) => Array.isArray(shape?.fields))) return metadata
  throw new SluiceError('source-failed', `The metadata of the table ${table} is damaged: a schema has no fields.`)
}

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  string: ['table-uuid', 'location'],
  bigint: ['last-sequence-number'],
  number: ['last-updated-ms', 'last-column-id', 'current-schema-id', 'default-spec-id', 'last-partition-id'],
  array: ['schemas', 'partition-specs'],
}

export function formatTableMetadata(metadata: TableMetadata): string {
  return formatLossless(metadata, 1)
}

export function currentSchema(metadata: TableMetadata): IcebergSchema {
  return schemaOf(metadata, metadata['current-schema-id'])
}

export function schemaOf({ schemas }: TableMetadata, id: number): IcebergSchema {
  return schemas.find((schema) => schema['schema-id'] === id) ?? damaged(`it has no schema ${id}`)
}

export function currentSpec(metadata: TableMetadata): PartitionSpec {
  return specOf(metadata, metadata['default-spec-id'])
}

export function specOf({ 'partition-specs': specs }: TableMetadata, id: number): PartitionSpec {
  return specs.find((spec) => spec['spec-id'] === id) ?? damaged(`it has no partition spec ${id}`)
}

/** The head of a branch, or what a tag names. */
export function snapshotOfRef(metadata: TableMetadata, ref: string): Snapshot | undefined {
  const current = metadata['current-snapshot-id']
  // Writers need not list `main`.
  const main = ref === MAIN && current !== -1n ? current : undefined
  const id = metadata.refs?.[ref]?.['snapshot-id'] ?? main ?? undefined
  if (id === undefined) return undefined
  // Taken for a table without rows, it would lose them all with the next commit.
  return snapshotById(metadata, id) ?? damaged(`${ref} is at the snapshot ${id}, which it does not have`)
}

export function snapshotById({ snapshots = [] }: TableMetadata, id: bigint): Snapshot | undefined {
  return snapshots.find((snapshot) => snapshot['snapshot-id'] === id)
}

/** The snapshot and those that it was built upon, the latest first, as far as they have not expired. */
export function* ancestors(metadata: TableMetadata, from: Snapshot | undefined): Generator<Snapshot> {
  const seen = new Set<bigint>()
  for (let snapshot = from; snapshot !== undefined; ) {
    const id = snapshot['snapshot-id']
    if (seen.has(id)) damaged(`the snapshot ${id} was built upon itself`)
    seen.add(id)
    yield snapshot
    const parent: bigint | undefined = snapshot['parent-snapshot-id']
    snapshot = parent === undefined ? undefined : snapshotById(metadata, parent)
  }
}

function damaged(why: string): never {
  throw new SluiceError('source-failed', `The metadata of the table contradicts itself: ${why}.`)
}
