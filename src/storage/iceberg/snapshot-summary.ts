import type { ManifestEntry, TableFile } from './manifest-entry.ts'
import { RUN_ID, type TableCommit } from './table-commit.ts'
import type { Snapshot } from './table-metadata.ts'

/** What a snapshot tells of itself, in the words that all writers use. */
export function snapshotSummary(
  { runId, job }: Pick<TableCommit, 'runId' | 'job'>,
  {
    operation,
    added,
    removed,
    parent,
  }: {
    readonly operation: 'append' | 'overwrite'
    readonly added: readonly ManifestEntry[]
    readonly removed: readonly ManifestEntry[]
    readonly parent: Snapshot | undefined
  },
): Readonly<Record<string, string>> {
  const plus = sizes(added)
  const minus = sizes(removed)
  const before = parent?.summary
  const total = (name: string, change: bigint): Record<string, string> => {
    // A parent that does not count leaves us without a count as well.
    if (before !== undefined && before[name] === undefined) return {}
    return { [name]: String(BigInt(before?.[name] ?? 0) + change) }
  }
  return {
    operation,
    [RUN_ID]: runId,
    ...(job === '' ? {} : { 'sluice.job': job }),
    ...counted({ 'added-data-files': plus.files, 'added-records': plus.records, 'added-files-size': plus.bytes }),
    ...counted({
      'deleted-data-files': minus.files,
      'deleted-records': minus.records,
      'removed-files-size': minus.bytes,
    }),
    'changed-partition-count': String(partitions([...added, ...removed])),
    ...total('total-records', plus.records - minus.records),
    ...total('total-files-size', plus.bytes - minus.bytes),
    ...total('total-data-files', plus.files - minus.files),
    ...total('total-delete-files', 0n),
    ...total('total-position-deletes', 0n),
    ...total('total-equality-deletes', 0n),
  }
}

function sizes(entries: readonly ManifestEntry[]): { files: bigint; records: bigint; bytes: bigint } {
  const sum = (of: (file: TableFile) => bigint) => entries.reduce((total, { file }) => total + of(file), 0n)
  return { files: BigInt(entries.length), records: sum(({ records }) => records), bytes: sum(({ bytes }) => bytes) }
}

/** Nothing is said of what did not happen. */
function counted(counts: Readonly<Record<string, bigint>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(counts).flatMap(([name, count]) => (count === 0n ? [] : [[name, `${count}`]])),
  )
}

function partitions(entries: readonly ManifestEntry[]): number {
  const text = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : `${value}`)
  return new Set(entries.map(({ file }) => JSON.stringify(file.partition.map(text)))).size
}
