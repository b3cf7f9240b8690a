import { existsSync } from 'node:fs'
import type { Logger } from '../context.ts'
import { resolveLocation } from '../storage/location.ts'
import { isS3 } from '../storage/s3/s3-location.ts'
import { findStaged } from '../storage/staging-marker.ts'
import { readJournal } from './journal.ts'
import type { JournalRecord } from './journal-record.ts'
import { recoverRun, unsettledRuns } from './recover-run.ts'
import { progressOf } from './run-progress.ts'
import type { RecoveredRun } from './settle-run.ts'
import { type StateDirectory, stateDirectory } from './state-directory.ts'

/**
 * Recovers the runs on one target: those whose marker lies beside it, in whatever state directory they are
 * journaled, and those of the given state directory that have planned it. `except` is the caller's own run.
 */
export async function recoverTarget(
  state: StateDirectory,
  location: string,
  log: Logger,
  except?: string,
): Promise<RecoveredRun[]> {
  const recovered: RecoveredRun[] = []
  for (const [place, runId] of await runsOn(state, location, except)) {
    const known = place.remote !== undefined || existsSync(place.run(runId))
    const run = known ? await recoverRun(place, runId, log) : orphan(place, runId, location)
    if (run !== undefined) recovered.push(run)
  }
  return recovered
}

async function runsOn(
  state: StateDirectory,
  location: string,
  except?: string,
): Promise<readonly [StateDirectory, string][]> {
  const path = isS3(location) ? location : resolveLocation(location)
  const found = new Map<string, [StateDirectory, string]>()
  const add = (place: StateDirectory, runId: string) => found.set(place.run(runId), [place, runId])
  // Beside an object nothing tells of the runs that have an upload to it.
  const staged = isS3(path) ? [] : findStaged(path)
  for (const plan of staged) add(stateDirectory(plan.state), plan.runId)
  for (const runId of unsettledRuns(state)) {
    if (runId !== except && isOn(readFrom(state, runId), path, location)) add(state, runId)
  }
  for (const runId of (await state.remote?.unsettled()) ?? []) {
    if (runId !== except && isOn(await state.remote?.journal(runId), path, location)) add(state, runId)
  }
  if (except !== undefined) found.delete(state.run(except))
  return [...found.values()]
}

/** A table has a name and no path: `lake.silver.customers` could be a file as well. */
function isOn(records: readonly JournalRecord[] | undefined, path: string, location: string): boolean {
  const plan = records === undefined ? undefined : progressOf(records).planned?.plan
  if (plan === undefined) return false
  return plan.path === (plan.kind === 'iceberg' ? location : path)
}

function readFrom(state: StateDirectory, runId: string): readonly JournalRecord[] | undefined {
  try {
    return readJournal(state.journal(runId))
  } catch {
    // A damaged journal is reported where its own state directory is recovered; here it names no target.
    return undefined
  }
}

/**
 * Staging without a journal may be that of a decided run: it is shown to people and never deleted. It does not
 * stop other runs: should its journal come back, its commit will find that the target moved.
 */
function orphan(state: StateDirectory, runId: string, location: string): RecoveredRun {
  return {
    runId,
    state: state.path,
    action: 'unsettled',
    settled: false,
    reason: `beside ${location} lies the staging of run ${runId}, but ${state.path} knows no such run: bring that directory back, or delete the staging by hand`,
  }
}
