import { applyUpdates } from './apply-updates.ts'
import { liveManifests } from './live-files.ts'
import { readManifest } from './manifest.ts'
import type { ManifestEntry } from './manifest-entry.ts'
import { type ManifestFile, manifestFile, writeManifestList } from './manifest-list.ts'
import { creation } from './new-table.ts'
import { bindSpec } from './partition-spec.ts'
import { type CarriedManifests, nonce } from './snapshot-manifests.ts'
import { snapshotSummary } from './snapshot-summary.ts'
import type { Requirement, TableChange, Update } from './table-change.ts'
import { lastRunProperty, type TableCommit } from './table-commit.ts'
import { readTableFile, writeTableFile } from './table-files.ts'
import { MAIN, type Snapshot, snapshotOfRef, type TableMetadata } from './table-metadata.ts'

export interface DraftedChange extends TableChange {
  /** Written for this attempt alone: it holds the number of the snapshot and what the branch held. */
  readonly manifestList: string
}

/**
 * Writes all that a snapshot needs on top of what the table is now, and gives the change that makes it visible. A table
 * that is not there is undefined.
 */
export async function draftSnapshot(
  commit: TableCommit,
  now: TableMetadata | undefined,
  carried: CarriedManifests,
): Promise<DraftedChange> {
  const shaping = shapingOf(commit, now)
  const shaped = applyUpdates(now, shaping)
  const head = now === undefined ? undefined : snapshotOfRef(now, commit.branch)
  // A branch that is not there yet begins where main is.
  const parent = head ?? (now === undefined ? undefined : snapshotOfRef(now, MAIN))
  const snapshot = await writeSnapshot(commit, shaped, parent, carried)
  const id = snapshot['snapshot-id']
  const properties = {
    ...commit.properties,
    ...(commit.job === '' ? {} : { [lastRunProperty(commit.job)]: commit.runId }),
  }
  const updates: Update[] = [
    ...shaping,
    { action: 'add-snapshot', snapshot },
    { action: 'set-snapshot-ref', 'ref-name': commit.branch, type: 'branch', 'snapshot-id': id },
    ...(Object.keys(properties).length === 0 ? [] : [{ action: 'set-properties', updates: properties } as const]),
  ]
  const requirements = now === undefined ? [CREATE] : requirementsOf(commit, now, head, shaping)
  return { requirements, updates, manifestList: snapshot['manifest-list'] }
}

const CREATE: Requirement = { type: 'assert-create' }

/** What gives the table the schema and the partitions that the rows were written in. */
function shapingOf(commit: TableCommit, now: TableMetadata | undefined): readonly Update[] {
  const { schema, lastColumnId, spec, create } = commit
  if (now === undefined && create !== null) {
    return creation({ uuid: create.uuid, location: create.location, schema, spec, properties: {} })
  }
  const updates: Update[] = []
  if (!now?.schemas.some((known) => known['schema-id'] === schema['schema-id'])) {
    updates.push({ action: 'add-schema', schema, 'last-column-id': lastColumnId })
    updates.push({ action: 'set-current-schema', 'schema-id': -1 })
  }
  if (!now?.['partition-specs'].some((known) => known['spec-id'] === spec['spec-id'])) {
    updates.push({ action: 'add-spec', spec }, { action: 'set-default-spec', 'spec-id': -1 })
  }
  return updates
}

function requirementsOf(
  { branch }: TableCommit,
  now: TableMetadata,
  head: Snapshot | undefined,
  shaping: readonly Update[],
): readonly Requirement[] {
  const adds = (action: string) => shaping.some((update) => update.action === action)
  return [
    { type: 'assert-table-uuid', uuid: now['table-uuid'] },
    { type: 'assert-ref-snapshot-id', ref: branch, 'snapshot-id': head?.['snapshot-id'] ?? null },
    { type: 'assert-current-schema-id', 'current-schema-id': now['current-schema-id'] },
    ...(adds('add-schema')
      ? [{ type: 'assert-last-assigned-field-id', 'last-assigned-field-id': now['last-column-id'] } as const]
      : []),
    ...(adds('add-spec')
      ? [
          {
            type: 'assert-last-assigned-partition-id',
            'last-assigned-partition-id': now['last-partition-id'],
          } as const,
          { type: 'assert-default-spec-id', 'default-spec-id': now['default-spec-id'] } as const,
        ]
      : []),
  ]
}

async function writeSnapshot(
  commit: TableCommit,
  metadata: TableMetadata,
  parent: Snapshot | undefined,
  carried: CarriedManifests,
): Promise<Snapshot> {
  const snapshotId = BigInt(commit.snapshotId)
  const sequenceNumber = metadata['last-sequence-number'] + 1n
  const parentId = parent?.['snapshot-id']
  const { manifest, entries: added } = await addedManifest(commit, sequenceNumber)
  const before = await liveManifests(parent)
  const replaces = commit.mode === 'overwrite' || commit.mode === 'createOrReplace'
  const removed = replaces ? await carried.removed(before, metadata, sequenceNumber) : []
  const kept = replaces ? removed.map((one) => one.manifest) : await carried.merged(before, metadata, sequenceNumber)
  const list = await writeManifestList([...manifest, ...kept], { snapshotId, parentId, sequenceNumber })
  const path = `${commit.folder}/snap-${snapshotId}-${nonce()}.avro`
  await writeTableFile(path, list)
  const operation = replaces && before.length > 0 ? 'overwrite' : 'append'
  return {
    'snapshot-id': snapshotId,
    ...(parentId === undefined ? {} : { 'parent-snapshot-id': parentId }),
    'sequence-number': sequenceNumber,
    'timestamp-ms': Math.max(Date.now(), metadata['last-updated-ms']),
    'manifest-list': path,
    summary: snapshotSummary(commit, { operation, added, removed: removed.flatMap((one) => one.entries), parent }),
    'schema-id': metadata['current-schema-id'],
  }
}

/** Written once: its entries take their number from the list. */
async function addedManifest(
  { manifest, schema, spec, snapshotId }: TableCommit,
  sequenceNumber: bigint,
): Promise<{ manifest: readonly ManifestFile[]; entries: readonly ManifestEntry[] }> {
  if (manifest === null) return { manifest: [], entries: [] }
  const partition = bindSpec(spec, [schema])
  const entries = await readManifest(await readTableFile(manifest.path), manifest.path, partition)
  const about = { ...manifest, specId: spec['spec-id'], partition, sequenceNumber, snapshotId: BigInt(snapshotId) }
  return { manifest: [manifestFile(entries, about)], entries }
}
