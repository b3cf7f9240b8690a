import { setTimeout as sleep } from 'node:timers/promises'
import { SluiceError } from '../../errors.ts'
import type { Catalog } from './catalog.ts'
import type { TableChange } from './table-change.ts'
import { ancestors, MAIN, type Snapshot, snapshotOfRef, type TableMetadata } from './table-metadata.ts'
import { formatTableName, type TableName } from './table-name.ts'

/**
 * Makes a branch that was audited the main one, and ends it, in one commit. Main must be where the branch began: what
 * others have written to it meanwhile was not audited with these rows.
 *
 * Idempotent: a branch that is gone while main has its snapshot is published. Throws `target-moved`, or `in-doubt` when the
 * catalog does not say what it did.
 */
export async function publishBranch(
  catalog: Catalog,
  table: TableName,
  branch: string,
  { head }: { readonly head?: bigint } = {},
): Promise<void> {
  if (branch === MAIN) throw new SluiceError('job-invalid', 'main is published already; name another branch.')
  let wanted = head
  let cause: SluiceError | undefined
  // The same while nothing was said, so that a server which remembers requests answers as before.
  let key = crypto.randomUUID()
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await sleep(Math.random() * WAIT_MS * 2 ** attempt)
    const now = (await catalog.load(table).catch((error) => refuse(cause ?? error)))?.metadata
    if (now === undefined) throw attempt === 0 ? missing(table, branch) : moved(table, branch, 'the table is gone')
    if (now.refs?.[branch]?.type === 'tag') throw moved(table, branch, 'it is a tag')
    const at = snapshotOfRef(now, branch)
    if (wanted !== undefined && isPublished(now, wanted, at)) return
    if (at === undefined || (wanted !== undefined && at['snapshot-id'] !== wanted)) {
      throw moved(
        table,
        branch,
        at === undefined ? `it is not among its branches, ${branchesOf(now)}` : 'others wrote to the branch',
      )
    }
    wanted = at['snapshot-id']
    const answer = await catalog.commit(table, fastForward(now, table, branch, at), key)
    if (answer.outcome === 'committed') return
    if (answer.outcome === 'failed') throw cause === undefined ? answer.error : doubt(table, branch, cause)
    if (answer.outcome === 'unknown') cause = answer.error
    else key = crypto.randomUUID()
  }
  throw cause === undefined ? moved(table, branch, 'others commit all the time') : doubt(table, branch, cause)
}

function isPublished(now: TableMetadata, head: bigint, at: Snapshot | undefined): boolean {
  if (at !== undefined) return false
  return [...ancestors(now, snapshotOfRef(now, MAIN))].some((snapshot) => snapshot['snapshot-id'] === head)
}

function fastForward(now: TableMetadata, table: TableName, branch: string, head: Snapshot): TableChange {
  const main = snapshotOfRef(now, MAIN)
  const builtOn = main === undefined || [...ancestors(now, head)].includes(main)
  if (!builtOn) throw moved(table, branch, 'main has moved since the branch began')
  return {
    requirements: [
      { type: 'assert-table-uuid', uuid: now['table-uuid'] },
      { type: 'assert-ref-snapshot-id', ref: MAIN, 'snapshot-id': main?.['snapshot-id'] ?? null },
      { type: 'assert-ref-snapshot-id', ref: branch, 'snapshot-id': head['snapshot-id'] },
    ],
    updates: [
      { action: 'set-snapshot-ref', 'ref-name': MAIN, type: 'branch', 'snapshot-id': head['snapshot-id'] },
      { action: 'remove-snapshot-ref', 'ref-name': branch },
    ],
  }
}

function refuse(error: unknown): never {
  throw error
}

function missing(table: TableName, branch: string): SluiceError {
  const what = `Cannot publish the branch ${branch}: there is no table ${formatTableName(table)}.`
  return new SluiceError('target-not-adoptable', `${what} Check its name and the catalog.`)
}

function branchesOf({ refs = {} }: TableMetadata): string {
  const names = Object.entries(refs).flatMap(([name, { type }]) => (type === 'branch' ? [name] : []))
  return names.length === 0 ? 'of which there are none' : names.sort().join(', ')
}

function moved(table: TableName, branch: string, why: string): SluiceError {
  return new SluiceError('target-moved', `Cannot publish the branch ${branch} of ${formatTableName(table)}: ${why}.`)
}

function doubt(table: TableName, branch: string, cause: SluiceError): SluiceError {
  const what = `whether the branch ${branch} of ${formatTableName(table)} is published`
  return new SluiceError('in-doubt', `The catalog did not say ${what}: ${cause.message} Publish it again.`, { cause })
}

const ATTEMPTS = 8
const WAIT_MS = 10
