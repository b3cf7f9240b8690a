import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenRun } from './open-run.ts'

/** Moves the journal of a run that is complete out of the way of those that are not. Idempotent. */
export async function settleFiles({ state, runId, journal }: OpenRun): Promise<void> {
  journal.trim()
  rmSync(state.scratch(runId), { recursive: true, force: true })
  const settled = join(state.settled, runId)
  // Of an earlier attempt with this run id, which did not commit. Its audit record stays.
  rmSync(settled, { recursive: true, force: true })
  if (existsSync(state.run(runId))) renameSync(state.run(runId), settled)
  await state.remote?.settle(runId, join(settled, 'journal.jsonl'))
}
