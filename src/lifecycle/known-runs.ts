import { tryLock } from '../storage/file-lock.ts'
import { readJournal } from './journal.ts'
import type { RunStatus } from './journal-record.ts'
import type { JsonObject } from './json.ts'
import { type LedgerEntry, listLedger, readLedger } from './ledger.ts'
import { unsettledRuns } from './recover-run.ts'
import { progressOf } from './run-progress.ts'
import type { StateDirectory } from './state-directory.ts'

/** A run that a state directory knows of. */
export interface KnownRun {
  readonly runId: string
  /** `interrupted` and `unreadable` runs are for `recover`. */
  readonly status: RunStatus | 'live' | 'interrupted' | 'unreadable'
  readonly job?: string
  readonly startedAt?: string
  /** Of a run that came to an end. */
  readonly report?: JsonObject
}

/** The latest first. Looks only. */
export async function listRuns(state: StateDirectory): Promise<readonly KnownRun[]> {
  const open = await Promise.all(unsettledRuns(state).map((runId) => openRunOf(state, runId)))
  const ids = new Set(open.map((run) => run.runId))
  const ended = listLedger(state)
    .filter((entry) => !ids.has(entry.run_id))
    .map(endedRun)
  return [...open, ...ended].sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? 1 : -1))
}

export async function findRun(state: StateDirectory, runId: string): Promise<KnownRun | undefined> {
  if (unsettledRuns(state).includes(runId)) return await openRunOf(state, runId)
  const entry = readLedger(state, runId)
  return entry === undefined ? undefined : endedRun(entry)
}

function endedRun({ run_id: runId, job, status, started_at: startedAt, report }: LedgerEntry): KnownRun {
  return { runId, job, status, startedAt, report }
}

/** A run in doubt has an entry in the ledger and is open still. */
async function openRunOf(state: StateDirectory, runId: string): Promise<KnownRun> {
  const entry = readLedger(state, runId)
  const live = await isLive(state, runId)
  try {
    const { begun } = progressOf(readJournal(state.journal(runId)))
    if (entry !== undefined && entry.started_at === begun?.startedAt && !live) return endedRun(entry)
    const known = begun === undefined ? {} : { job: begun.job, startedAt: begun.startedAt }
    return { runId, status: live ? 'live' : 'interrupted', ...known }
  } catch {
    // A list of runs is no place to fail over one of them; `recover` says what is wrong with it.
    return { runId, status: 'unreadable' }
  }
}

/** To see whether anybody holds the lease is to take it for a moment. On S3 its holder shows life. */
async function isLive(state: StateDirectory, runId: string): Promise<boolean> {
  if (state.remote !== undefined) return await state.remote.isLive(runId)
  const lease = tryLock(state.lease(runId))
  lease?.release()
  return lease === undefined
}
