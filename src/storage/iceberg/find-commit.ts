import { lastRunProperty, RUN_ID, type TableCommit } from './table-commit.ts'
import { ancestors, type Snapshot, snapshotById, snapshotOfRef, type TableMetadata } from './table-metadata.ts'

/**
 * Whether a table holds the rows of this run: by its own snapshot, by another one of the same run in the history of the
 * branch or, where that has expired, by what the last commit of the job noted.
 */
export function holdsRun(
  metadata: TableMetadata,
  commit: Pick<TableCommit, 'branch' | 'runId' | 'job' | 'snapshotId'>,
): boolean {
  if (snapshotById(metadata, BigInt(commit.snapshotId)) !== undefined) return true
  if (snapshotOfRun(metadata, commit.branch, commit.runId) !== undefined) return true
  return commit.job !== '' && metadata.properties?.[lastRunProperty(commit.job)] === commit.runId
}

/** The snapshot that a run has committed to a branch. */
export function snapshotOfRun(metadata: TableMetadata, branch: string, runId: string): Snapshot | undefined {
  for (const snapshot of ancestors(metadata, snapshotOfRef(metadata, branch))) {
    if (snapshot.summary[RUN_ID] === runId) return snapshot
  }
  return undefined
}
