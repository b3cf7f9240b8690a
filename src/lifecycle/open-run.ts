import type { FileLock } from '../storage/file-lock.ts'
import { Journal } from './journal.ts'
import type { JournalRecord } from './journal-record.ts'
import { progressOf, type RunProgress } from './run-progress.ts'
import type { StateDirectory } from './state-directory.ts'

/** A run in the hands of this process: its lease and its journal. Close it, or the lease stays taken. */
export interface OpenRun extends Disposable {
  readonly state: StateDirectory
  readonly runId: string
  readonly journal: Journal
  /** Read anew from the journal's records at every look. */
  readonly progress: RunProgress
  /** Journals a record durably. After a throw nobody knows whether the record is there. */
  record(record: JournalRecord): void
  /** Journals a record that may be lost with the power. Throws `disk-full` with nothing written. */
  append(record: JournalRecord): void
  /** Lets go of journal and lease. Idempotent. */
  close(): void
}

/** Opens the journal of a run whose lease is held; closing the run releases the lease. */
export function openRun(state: StateDirectory, runId: string, lease: FileLock): OpenRun {
  const journal = openJournal(state, runId, lease)
  let open = true
  const close = () => {
    if (!open) return
    open = false
    journal.close()
    lease.release()
  }
  return {
    state,
    runId,
    journal,
    get progress() {
      return progressOf(journal.records)
    },
    record: (record) => journal.append(record, { durable: true }),
    append: (record) => {
      journal.reserveFor(record)
      journal.append(record, { durable: false })
    },
    close,
    [Symbol.dispose]: close,
  }
}

function openJournal(state: StateDirectory, runId: string, lease: FileLock): Journal {
  try {
    return Journal.open(state.journal(runId))
  } catch (error) {
    lease.release()
    throw error
  }
}
