import { Journal } from './journal.ts'
import type { JournalRecord } from './journal-record.ts'
import type { Lease } from './lease.ts'
import { progressOf, type RunProgress } from './run-progress.ts'
import type { StateDirectory } from './state-directory.ts'

/** A run in the hands of this process: its lease and its journal. Close it, or the lease stays taken. */
export interface OpenRun extends AsyncDisposable {
  readonly state: StateDirectory
  readonly runId: string
  readonly journal: Journal
  /** Read anew from the journal's records at every look. */
  readonly progress: RunProgress
  /** Journals a record durably. After a throw nobody knows whether the record is there. */
  record(record: JournalRecord): void
  /** Journals a record that may be lost with the power. Throws `disk-full` with nothing written. */
  append(record: JournalRecord): void
  /** What was journaled is where other machines find it, if the state lies on S3. Throws `run-lost`. */
  publish(): Promise<void>
  /** Lets go of journal and lease. Idempotent. */
  close(): Promise<void>
}

/** Opens the journal of a run whose lease is held; closing the run releases the lease. */
export async function openRun(state: StateDirectory, runId: string, lease: Lease): Promise<OpenRun> {
  const journal = await openJournal(state, runId, lease)
  let open = true
  let publishing = Promise.resolve()
  const close = async () => {
    if (!open) return
    open = false
    journal.close()
    await lease.release()
  }
  return {
    state,
    runId,
    journal,
    get progress() {
      return progressOf(journal.records, state.remote === undefined ? undefined : state.scratch(runId))
    },
    record: (record) => journal.append(record, { durable: true }),
    append: (record) => {
      journal.reserveFor(record)
      journal.append(record, { durable: false })
    },
    // One after the other: each version replaces the one before.
    publish: async () => {
      const before = publishing.catch(() => {})
      publishing = before.then(async () => await state.remote?.publish(runId, journal.path))
      await publishing
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function openJournal(state: StateDirectory, runId: string, lease: Lease): Promise<Journal> {
  try {
    return Journal.open(state.journal(runId))
  } catch (error) {
    await lease.release()
    throw error
  }
}
