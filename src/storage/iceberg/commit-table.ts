import { setTimeout as sleep } from 'node:timers/promises'
import { SluiceError } from '../../errors.ts'
import type { CommitOutcome } from '../target.ts'
import type { Catalog, CatalogAnswer } from './catalog.ts'
import { type DraftedChange, draftSnapshot } from './draft-snapshot.ts'
import { holdsCommit } from './find-commit.ts'
import { movedBase } from './moved-base.ts'
import { CarriedManifests } from './snapshot-manifests.ts'
import type { TableCommit } from './table-commit.ts'
import { removeTableFile } from './table-files.ts'
import type { TableMetadata } from './table-metadata.ts'
import { formatTableName, type TableName } from './table-name.ts'

/**
 * Adds a snapshot to a table, once, whatever the catalog answers: before each attempt the table is asked whether it holds
 * the run already. An answer that says nothing is followed by that question and by another attempt, which cannot be
 * applied twice, since each attempt requires the branch to be where it was.
 *
 * Throws `in-doubt` when even the table cannot tell.
 */
export async function commitTable(
  catalog: Catalog,
  table: TableName,
  commit: TableCommit,
  { patienceMs = PATIENCE_MS }: { readonly patienceMs?: number } = {},
): Promise<CommitOutcome> {
  const carried = new CarriedManifests(commit.folder, BigInt(commit.snapshotId))
  const end = Date.now() + patienceMs
  let unknown: SluiceError | undefined
  let request: Request | undefined
  for (let attempt = 0, silent = 0; ; attempt++) {
    const now = await current(catalog, table, unknown)
    if (now !== undefined && holdsCommit(now, commit)) return { outcome: 'committed' }
    const moved = movedBase(commit, now)
    if (moved !== undefined) return { outcome: 'refused', code: 'target-moved', reason: moved }
    // After an answer that said nothing the very same change is sent again while the table is as it was.
    if (request === undefined || request.upon !== stampOf(now)) {
      request = { upon: stampOf(now), drafted: await draftSnapshot(commit, now, carried), key: uuid7(), open: false }
    }
    const answer = await catalog.commit(table, request.drafted, request.key)
    if (answer.outcome === 'committed') return answer
    if (answer.outcome === 'unknown') {
      unknown = answer.error
      request.open = true
      silent++
    } else {
      const { drafted, open } = request
      request = undefined
      // The same change may have been made by the attempt before, and be why this one was refused.
      if (!open) await removeTableFile(drafted.manifestList)
      // What was said of an earlier attempt is still open.
      if (answer.outcome === 'failed') {
        if (unknown !== undefined) throw doubt(table, unknown)
        return { outcome: 'refused', code: 'target-not-writable', reason: answer.error.message }
      }
    }
    if (Date.now() > end || silent > MOST_SILENT) return given(table, answer, unknown)
    await sleep(Math.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt))
  }
}

interface Request {
  readonly upon: string
  readonly drafted: DraftedChange
  readonly key: string
  /** Nobody knows what became of it when it was sent before. */
  open: boolean
}

async function current(
  catalog: Catalog,
  table: TableName,
  unknown: SluiceError | undefined,
): Promise<TableMetadata | undefined> {
  try {
    return (await catalog.load(table))?.metadata
  } catch (error) {
    if (unknown === undefined) throw error
    throw doubt(table, unknown)
  }
}

/** Every commit makes another one. */
function stampOf(now: TableMetadata | undefined): string {
  if (now === undefined) return ''
  return [now['table-uuid'], now['last-sequence-number'], now['last-updated-ms'], now['metadata-log']?.length].join(' ')
}

/** Of the time, with random bits (RFC 9562), as servers that remember requests want their keys. */
function uuid7(): string {
  const time = Date.now().toString(16).padStart(12, '0')
  const random = crypto.randomUUID()
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`
}

/** After the last attempt. */
function given(table: TableName, answer: CatalogAnswer, unknown: SluiceError | undefined): CommitOutcome {
  if (unknown !== undefined) throw doubt(table, unknown)
  const reason = answer.outcome === 'conflict' ? answer.reason : 'the catalog does not answer'
  return { outcome: 'refused', code: 'target-moved', reason: `others commit all the time: ${reason}` }
}

function doubt(table: TableName, cause: SluiceError): SluiceError {
  const text = `The catalog did not say whether it has committed to ${formatTableName(table)}: ${cause.message}`
  return new SluiceError('in-doubt', text, { cause })
}

const PATIENCE_MS = 300_000
const MOST_SILENT = 6
const FIRST_MS = 20
const LONGEST_MS = 5_000
