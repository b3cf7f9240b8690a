import { dirname } from 'node:path'
import { SluiceError } from '../errors.ts'
import { crashPoint } from '../storage/crash-point.ts'
import { syncDirectory, syncFile } from '../storage/durable.ts'
import type { PreparedOutput } from '../storage/target.ts'
import { writing } from '../storage/write-error.ts'
import type { Decided, SealedLetters } from './journal-record.ts'
import type { OpenRun } from './open-run.ts'
import type { RemoteState } from './remote-state.ts'

/** Of a run without dead letters `letters` is null; only a commit has an output. */
export type Decision = Omit<Decided, 'type' | 'splits' | 'verdict' | 'output'> &
  (
    | { readonly verdict: 'commit'; readonly output: PreparedOutput }
    | { readonly verdict: 'reject' | 'fail'; readonly output: null }
  )

/**
 * Writes the intent from which there is no way back. Call `finish` next, whatever the verdict.
 *
 * Throws `disk-full` or another write error while the run is certainly undecided: then `failRun`. Throws
 * `in-doubt` when the record itself could not be written for sure: then touch nothing; `recover` will read
 * what is on the disk.
 */
export async function decide(run: OpenRun, decision: Decision): Promise<void> {
  const record: Decided = { type: 'decided', splits: run.progress.splits.size, ...decision }
  const { letters } = decision
  if (letters !== null) await writing(letters.path, () => syncLetters(letters))
  if (letters !== null && run.state.remote !== undefined) await keepLetters(run, run.state.remote, letters)
  run.journal.reserveFor(record)
  crashPoint('run-deciding')
  try {
    run.record(record)
    await run.publish()
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'run-lost') throw error
    throw new SluiceError(
      'in-doubt',
      `It is unknown whether the decision of run ${run.runId} reached ${run.journal.path}; run \`sluice recover\`.`,
      { context: { runId: run.runId, path: run.journal.path }, cause: error },
    )
  }
  crashPoint('run-decided')
}

/** Not of a run that another process has settled: nobody would take them away again. */
async function keepLetters(run: OpenRun, remote: RemoteState, { path }: SealedLetters): Promise<void> {
  await run.publish()
  await remote.keepLetters(run.runId, path)
}

/** The name as well as the bytes: what is decided must be found again after a power cut. */
async function syncLetters({ path }: SealedLetters): Promise<void> {
  await syncFile(path)
  syncDirectory(dirname(path))
}
