import { basename, join } from 'node:path'
import type { Begun, Decided, JournalRecord, Notified, Outcome, Planned, RunStatus } from './journal-record.ts'

/** How far a run has come, as its journal tells. */
export interface RunProgress {
  readonly begun?: Begun
  readonly planned?: Planned
  /** Splits that have a ticket. */
  readonly splits: ReadonlySet<number>
  readonly decided?: Decided
  readonly outcome?: Outcome
  readonly aborted: boolean
  /** Where in its destination the delivery of the dead letters began. */
  readonly lettersFrom?: number
  /** How many letters a queue has, and the byte behind them in the sealed file. */
  readonly lettersSent?: { readonly letters: number; readonly bytes: number }
  readonly lettersDelivered: boolean
  readonly notified: readonly Notified[]
  readonly audited?: RunStatus
}

/** `scratch`: where sealed letters lie that another machine may have written elsewhere. */
export function progressOf(records: readonly JournalRecord[], scratch?: string): RunProgress {
  const begin = { splits: new Set<number>(), aborted: false, lettersDelivered: false, notified: [] }
  const progress = records.reduce<Known>(step, begin)
  const { decided } = progress
  if (scratch === undefined || decided?.letters == null) return progress
  const letters = { ...decided.letters, path: join(scratch, basename(decided.letters.path)) }
  return { ...progress, decided: { ...decided, letters } }
}

/** One set for all steps: a copy for each of thousands of splits would take a time that grows with their square. */
type Known = RunProgress & { readonly splits: Set<number> }

function step(run: Known, record: JournalRecord): Known {
  switch (record.type) {
    case 'begun':
      return { ...run, begun: record }
    case 'planned':
      return { ...run, planned: record }
    case 'staged':
      run.splits.add(record.split)
      return run
    case 'decided':
      return { ...run, decided: record }
    case 'committed':
    case 'refused':
    case 'unknowable':
      return { ...run, outcome: record }
    case 'aborted':
      return { ...run, aborted: true }
    case 'letters-started':
      return { ...run, lettersFrom: record.from }
    case 'letters-sent':
      return { ...run, lettersSent: { letters: record.letters, bytes: record.bytes } }
    case 'letters-delivered':
      return { ...run, lettersDelivered: true }
    case 'notified':
      return { ...run, notified: [...run.notified, record] }
    case 'audited':
      return { ...run, audited: record.status }
  }
}
