import { SluiceError } from '../../errors.ts'
import { readAvro, writeAvro } from './avro-file.ts'
import type { AvroSchema } from './avro-values.ts'
import { byFieldId, itemsOf, schemaOfField } from './by-field-id.ts'
import { DELETED, EXISTING, type ManifestEntry } from './manifest-entry.ts'
import { MANIFEST_FILE_SCHEMA } from './manifest-schema.ts'
import type { BoundPartitionField } from './partition-spec.ts'
import { compareValues, encodeValue, type SingleValue } from './single-value.ts'

/** A manifest as a snapshot's list names it. */
export interface ManifestFile {
  readonly path: string
  readonly length: bigint
  readonly specId: number
  /** 0 data, 1 deletes. */
  readonly content: number
  readonly sequenceNumber: bigint
  readonly minSequenceNumber: bigint
  readonly addedSnapshotId: bigint
  readonly files: FileCounts<number>
  readonly rows: FileCounts<bigint>
  readonly partitions: readonly PartitionSummary[] | null
  readonly keyMetadata: Buffer | null
}

export interface FileCounts<N> {
  readonly added: N
  readonly existing: N
  readonly deleted: N
}

/** What a manifest holds of one field of its spec. */
export interface PartitionSummary {
  readonly containsNull: boolean
  readonly containsNan: boolean | null
  readonly lower: Buffer | null
  readonly upper: Buffer | null
}

/** Manifests that name no live file tell only what an old snapshot removed, and need not be carried on. */
export function isLive({ files }: ManifestFile): boolean {
  return files.added + files.existing > 0
}

/** The line of a new manifest. Its entries without a sequence number get that of the snapshot. */
export function manifestFile(
  entries: readonly ManifestEntry[],
  about: {
    readonly path: string
    readonly length: number
    readonly specId: number
    readonly partition: readonly BoundPartitionField[]
    readonly sequenceNumber: bigint
    readonly snapshotId: bigint
  },
): ManifestFile {
  const { sequenceNumber, partition } = about
  const of = (status: number) => entries.filter((entry) => entry.status === status)
  const rowsOf = (status: number) => of(status).reduce((sum, { file }) => sum + file.records, 0n)
  const live = entries.filter(({ status }) => status !== DELETED)
  const numbers = live.map((entry) => entry.sequenceNumber ?? sequenceNumber)
  return {
    path: about.path,
    length: BigInt(about.length),
    specId: about.specId,
    content: 0,
    sequenceNumber,
    minSequenceNumber: numbers.sort((a, b) => (a < b ? -1 : 1))[0] ?? sequenceNumber,
    addedSnapshotId: about.snapshotId,
    files: { added: of(1).length, existing: of(EXISTING).length, deleted: of(DELETED).length },
    rows: { added: rowsOf(1), existing: rowsOf(EXISTING), deleted: rowsOf(DELETED) },
    partitions: partition.map(({ type }, index) =>
      summary(
        type,
        entries.map(({ file }) => file.partition[index] ?? null),
      ),
    ),
    keyMetadata: null,
  }
}

function summary(type: string, values: readonly (SingleValue | null)[]): PartitionSummary {
  const isNan = (value: SingleValue | null) => typeof value === 'number' && Number.isNaN(value)
  let least: SingleValue | undefined
  let greatest: SingleValue | undefined
  for (const value of values) {
    if (value === null || isNan(value)) continue
    if (least === undefined || compareValues(value, least) < 0) least = value
    if (greatest === undefined || compareValues(value, greatest) > 0) greatest = value
  }
  return {
    containsNull: values.includes(null),
    containsNan: values.some(isNan),
    lower: least === undefined ? null : encodeValue(type, least),
    upper: greatest === undefined ? null : encodeValue(type, greatest),
  }
}

export function writeManifestList(
  manifests: readonly ManifestFile[],
  snapshot: { readonly snapshotId: bigint; readonly parentId: bigint | undefined; readonly sequenceNumber: bigint },
): Promise<Buffer> {
  const metadata = {
    'snapshot-id': String(snapshot.snapshotId),
    'parent-snapshot-id': String(snapshot.parentId ?? null),
    'sequence-number': String(snapshot.sequenceNumber),
    'format-version': '2',
  }
  const records = manifests.map((manifest) => ({
    manifest_path: manifest.path,
    manifest_length: manifest.length,
    partition_spec_id: manifest.specId,
    content: manifest.content,
    sequence_number: manifest.sequenceNumber,
    min_sequence_number: manifest.minSequenceNumber,
    added_snapshot_id: manifest.addedSnapshotId,
    added_files_count: manifest.files.added,
    existing_files_count: manifest.files.existing,
    deleted_files_count: manifest.files.deleted,
    added_rows_count: manifest.rows.added,
    existing_rows_count: manifest.rows.existing,
    deleted_rows_count: manifest.rows.deleted,
    partitions:
      manifest.partitions?.map(({ containsNull, containsNan, lower, upper }) => ({
        ...{ contains_null: containsNull, contains_nan: containsNan, lower_bound: lower, upper_bound: upper },
      })) ?? null,
    key_metadata: manifest.keyMetadata,
  }))
  return writeAvro(MANIFEST_FILE_SCHEMA, metadata, records)
}

/** The list of any writer. Throws `source-failed`. */
export async function readManifestList(bytes: Buffer, where: string): Promise<readonly ManifestFile[]> {
  const { schema, records } = await readAvro(bytes, where)
  return records.map((record) => manifestOf(schema, record, where))
}

function manifestOf(schema: AvroSchema, record: unknown, where: string): ManifestFile {
  const fields = byFieldId(schema, record)
  const known = <V>(id: number): V => {
    const value = fields.get(id)
    if (value !== undefined && value !== null) return value as V
    const fix = 'rewrite the manifests of the table with the tool that upgraded it'
    throw new SluiceError('source-failed', `${where} is of format version 1, which counts no files: ${fix}.`)
  }
  const item = itemsOf(schemaOfField(schema, 507))
  const summaries = fields.get(507) as readonly unknown[] | null | undefined
  return {
    path: known(500),
    length: known(501),
    specId: known(502),
    content: (fields.get(517) as number | undefined) ?? 0,
    sequenceNumber: (fields.get(515) as bigint | undefined) ?? 0n,
    minSequenceNumber: (fields.get(516) as bigint | undefined) ?? 0n,
    addedSnapshotId: known(503),
    files: { added: known(504), existing: known(505), deleted: known(506) },
    rows: { added: known(512), existing: known(513), deleted: known(514) },
    partitions: summaries?.map((one) => summaryOf(item, one)) ?? null,
    keyMetadata: (fields.get(519) as Buffer | null | undefined) ?? null,
  }
}

function summaryOf(schema: AvroSchema, record: unknown): PartitionSummary {
  const fields = byFieldId(schema, record)
  return {
    containsNull: fields.get(509) as boolean,
    containsNan: (fields.get(518) as boolean | null | undefined) ?? null,
    lower: (fields.get(510) as Buffer | null | undefined) ?? null,
    upper: (fields.get(511) as Buffer | null | undefined) ?? null,
  }
}
