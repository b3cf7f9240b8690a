import type { CatalogConfig } from '../../config/catalog-config.ts'
import { SluiceError } from '../../errors.ts'
import { type Condition, conditionsOf, type Where } from './condition.ts'
import type { IcebergSchema } from './iceberg-schema.ts'
import { boundSpec, liveEntries, liveManifests } from './live-files.ts'
import { ADDED, type ManifestEntry, type TableFile } from './manifest-entry.ts'
import type { ManifestFile } from './manifest-list.ts'
import { type NameMapping, nameMapping } from './name-mapping.ts'
import { type BoundPartitionField, encodeTuple } from './partition-spec.ts'
import { fileMayHold, manifestMayHold } from './prune.ts'
import { reachTable, workOn } from './reach-table.ts'
import {
  ancestors,
  currentSchema,
  MAIN,
  type Snapshot,
  schemaOf,
  snapshotById,
  snapshotOfRef,
  type TableMetadata,
} from './table-metadata.ts'

export interface ScanOptions {
  /** An id; default the head of the branch. */
  readonly snapshot?: bigint | string
  /** A branch or a tag; default `main`. */
  readonly branch?: string
  /** Only what was appended after this snapshot, which is one of the history. */
  readonly since?: bigint | string
  /** Leaves out files in which no row can pass. The rows of the others are still to be tested: `holds`. */
  readonly where?: Where
}

/** What is to be read, as plain JSON. */
export interface Scan {
  /** Null for a table without rows, which has no snapshot yet. The bookmark of an incremental reading. */
  readonly snapshotId: string | null
  readonly schema: IcebergSchema
  /** Where there are files whose columns have no ids. */
  readonly names?: NameMapping
  readonly files: readonly ScanFile[]
  /** Files that `where` left out. */
  readonly skipped: number
}

export interface ScanFile {
  readonly path: string
  readonly records: number
  readonly bytes: number
  /** Where row groups begin, where the writer said it. */
  readonly splitOffsets: readonly number[]
  /** By column, what all of its rows have, in base64: migrated files need not hold the columns that divide the table. */
  readonly constants: Readonly<Record<string, string | null>>
}

/** Opens the catalog of a table, plans, and closes it. Throws `source-not-found`. */
export async function scanTable(
  location: string,
  { catalog: given, ...options }: ScanOptions & { readonly catalog?: string | CatalogConfig } = {},
): Promise<Scan> {
  const reached = reachTable(location, given)
  const scan = await workOn(reached, async (catalog) => {
    const loaded = await catalog.load(reached.table)
    return loaded === undefined ? undefined : await planScan(loaded.metadata, options)
  })
  if (scan !== undefined) return scan
  throw new SluiceError('source-not-found', `There is no table ${location}. Check its name and the catalog.`)
}

/**
 * The files that a reading opens, in the order in which they were added. Throws `source-failed` for tables with files of
 * deletes, and where the history does not tell what was appended.
 */
export async function planScan(metadata: TableMetadata, options: ScanOptions = {}): Promise<Scan> {
  const { branch = MAIN, since, where = {} } = options
  const snapshot = snapshotWanted(metadata, options)
  // A snapshot of the past, also by its tag, has the columns of its time, a branch those of today.
  const past = options.snapshot !== undefined || metadata.refs?.[branch]?.type === 'tag'
  const id = past ? snapshot?.['schema-id'] : undefined
  const schema = id === undefined ? currentSchema(metadata) : schemaOf(metadata, id)
  const conditions = conditionsOf(where, schema)
  const found =
    since === undefined
      ? await filesOf(metadata, await liveManifests(snapshot), conditions)
      : await appendedFiles(metadata, snapshot, { since: idOf(since), branch, conditions })
  const foreign = found.files.find(({ format }) => format !== 'PARQUET')
  if (foreign !== undefined) {
    throw new SluiceError('source-failed', `${foreign.path} is ${foreign.format}; only Parquet files are read.`)
  }
  const snapshotId = snapshot === undefined ? null : String(snapshot['snapshot-id'])
  const names = nameMapping(metadata)
  return {
    snapshotId,
    schema,
    ...(names === undefined ? {} : { names }),
    files: found.files.map(scanFile),
    skipped: found.skipped,
  }
}

function snapshotWanted(metadata: TableMetadata, { snapshot, branch = MAIN }: ScanOptions): Snapshot | undefined {
  const found = snapshot === undefined ? snapshotOfRef(metadata, branch) : snapshotById(metadata, idOf(snapshot))
  if (found !== undefined || (snapshot === undefined && branch === MAIN)) return found
  const what = snapshot === undefined ? `branch ${branch}` : `snapshot ${snapshot}; it may have expired`
  throw new SluiceError('source-not-found', `The table has no ${what}.`)
}

function idOf(id: bigint | string): bigint {
  if (typeof id === 'bigint') return id
  if (/^\d{1,19}$/.test(id)) return BigInt(id)
  throw new SluiceError('job-invalid', `${id} is no id of a snapshot.`)
}

interface Found {
  readonly files: readonly FoundFile[]
  readonly skipped: number
}

/** With the fields of its partition. */
type FoundFile = TableFile & { readonly fields: readonly BoundPartitionField[] }

async function filesOf(
  metadata: TableMetadata,
  manifests: readonly ManifestFile[],
  conditions: readonly Condition[],
  wanted: (entry: ManifestEntry) => boolean = () => true,
): Promise<Found> {
  const files: (ManifestEntry & { readonly file: FoundFile })[] = []
  let skipped = 0
  for (const manifest of manifests) {
    const fields = boundSpec(metadata, manifest.specId)
    if (!manifestMayHold(manifest, conditions, fields)) {
      skipped += manifest.files.added + manifest.files.existing
      continue
    }
    for (const entry of await liveEntries(manifest, metadata)) {
      if (!wanted(entry)) continue
      if (fileMayHold(entry.file, conditions, fields)) files.push({ ...entry, file: { ...entry.file, fields } })
      else skipped++
    }
  }
  return { files: files.sort(byAge).map(({ file }) => file), skipped }
}

function byAge(a: ManifestEntry, b: ManifestEntry): number {
  const order = Number((a.fileSequenceNumber ?? 0n) - (b.fileSequenceNumber ?? 0n))
  return order !== 0 ? order : a.file.path < b.file.path ? -1 : 1
}

/** Of each snapshot since, what it added by itself: later ones may have joined its files with older ones. */
async function appendedFiles(
  metadata: TableMetadata,
  head: Snapshot | undefined,
  {
    since,
    branch,
    conditions,
  }: { readonly since: bigint; readonly branch: string; readonly conditions: readonly Condition[] },
): Promise<Found> {
  const snapshots: Snapshot[] = []
  let reached = false
  for (const snapshot of ancestors(metadata, head)) {
    reached = snapshot['snapshot-id'] === since
    if (reached) break
    snapshots.unshift(snapshot)
  }
  const fix = 'Read the whole table once, without `since`, into a table that it replaces.'
  if (!reached) {
    const why = `the snapshot ${since} is not in the history of ${branch}; it may have expired`
    throw new SluiceError('source-failed', `Cannot tell what was appended: ${why}. ${fix}`)
  }
  const all: Found[] = []
  for (const snapshot of snapshots) {
    const { 'snapshot-id': id, summary } = snapshot
    // Compaction writes the same rows anew.
    if (summary['operation'] === 'replace') continue
    if (summary['operation'] !== 'append') {
      const why = `the snapshot ${id} (${summary['operation']}) changed rows that were read before`
      throw new SluiceError('source-failed', `Cannot tell what was appended: ${why}. ${fix}`)
    }
    const own = (await liveManifests(snapshot)).filter(({ addedSnapshotId }) => addedSnapshotId === id)
    all.push(
      await filesOf(metadata, own, conditions, ({ status, snapshotId }) => status === ADDED && snapshotId === id),
    )
  }
  return { files: all.flatMap(({ files }) => files), skipped: all.reduce((sum, { skipped }) => sum + skipped, 0) }
}

function scanFile({ path, records, bytes, splitOffsets, partition, fields }: FoundFile): ScanFile {
  const tuple = encodeTuple(fields, partition)
  const constants = fields.flatMap(({ transform, sourceId }, index) =>
    transform.kind === 'identity' ? [[sourceId, tuple[index] ?? null] as const] : [],
  )
  return {
    path,
    records: Number(records),
    bytes: Number(bytes),
    splitOffsets: (splitOffsets ?? []).map(Number),
    constants: Object.fromEntries(constants),
  }
}
