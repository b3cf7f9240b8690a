import { SluiceError } from '../../errors.ts'
import { readManifest } from './manifest.ts'
import { DELETED, type ManifestEntry } from './manifest-entry.ts'
import { isLive, type ManifestFile, readManifestList } from './manifest-list.ts'
import { type BoundPartitionField, bindSpec } from './partition-spec.ts'
import { readTableFile } from './table-files.ts'
import { type Snapshot, specOf, type TableMetadata } from './table-metadata.ts'

/**
 * The manifests of a snapshot that name live files. Throws `source-failed` when some of them are files of deletes: rows
 * that they delete would come back.
 */
export async function liveManifests(snapshot: Snapshot | undefined): Promise<readonly ManifestFile[]> {
  if (snapshot === undefined) return []
  const path = snapshot['manifest-list']
  if (path === undefined)
    throw new SluiceError('source-failed', 'The snapshot has no manifest list: rewrite the table.')
  const manifests = (await readManifestList(await readTableFile(path), path)).filter(isLive)
  if (manifests.some(({ content }) => content !== 0)) {
    const fix = 'Let Spark run `rewrite_data_files` and then `rewrite_position_delete_files`, so that none are left.'
    throw new SluiceError('source-failed', `The table has files of deleted rows, which Sluice does not apply. ${fix}`)
  }
  return manifests
}

/** The live entries of a manifest, with the numbers that they inherit from it. */
export async function liveEntries(manifest: ManifestFile, metadata: TableMetadata): Promise<readonly ManifestEntry[]> {
  const bytes = await readTableFile(manifest.path)
  const entries = await readManifest(bytes, manifest.path, boundSpec(metadata, manifest.specId))
  return entries
    .filter(({ status }) => status !== DELETED)
    .map((entry) => ({
      ...entry,
      snapshotId: entry.snapshotId ?? manifest.addedSnapshotId,
      sequenceNumber: entry.sequenceNumber ?? manifest.sequenceNumber,
      fileSequenceNumber: entry.fileSequenceNumber ?? manifest.sequenceNumber,
    }))
}

export function boundSpec(metadata: TableMetadata, specId: number): readonly BoundPartitionField[] {
  return bindSpec(specOf(metadata, specId), [...metadata.schemas].reverse())
}
