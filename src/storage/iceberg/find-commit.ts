import { lastRunProperty, RUN_ID, type TableCommit } from './table-commit.ts'
import { ancestors, snapshotById, snapshotOfRef, type TableMetadata } from './table-metadata.ts'

type RunOfTable = Pick<TableCommit, 'branch' | 'runId' | 'job'>

/** Whether a commit was made: by its own snapshot, or by another one of the same run. */
export function holdsCommit(metadata: TableMetadata, commit: RunOfTable & Pick<TableCommit, 'snapshotId'>): boolean {
  return snapshotById(metadata, BigInt(commit.snapshotId)) !== undefined || holdsRun(metadata, commit)
}

/**
 * Whether the history of a branch has the rows of a run. Where its beginning has expired, what the last commit of the job
 * noted tells it; only there, for a history that somebody set back no longer has them.
 */
export function holdsRun(metadata: TableMetadata, { branch, runId, job }: RunOfTable): boolean {
  let oldest: bigint | undefined
  for (const snapshot of ancestors(metadata, snapshotOfRef(metadata, branch))) {
    if (snapshot.summary[RUN_ID] === runId) return true
    oldest = snapshot['parent-snapshot-id']
  }
  return oldest !== undefined && job !== '' && metadata.properties?.[lastRunProperty(job)] === runId
}
