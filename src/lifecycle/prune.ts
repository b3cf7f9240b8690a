import { existsSync, readdirSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tryLock } from '../storage/file-lock.ts'
import { ledgerIds, removeLedger } from './ledger.ts'
import type { StateDirectory } from './state-directory.ts'

const DAY_MS = 24 * 60 * 60 * 1000
export const KEPT_DAYS = 90

/**
 * Forgets runs that were settled long ago: journal and ledger entry go, the audit record and dead letters stay.
 * From then on the run id is free. Looks at most once a day, so calling it after every run costs nothing.
 */
export function prune(
  state: StateDirectory,
  { days = KEPT_DAYS, now = Date.now() }: { days?: number; now?: number } = {},
): void {
  const stamp = join(state.path, 'pruned')
  const before = ageOf(stamp)
  if (!existsSync(state.settled) || (before !== undefined && now - before.mtimeMs < DAY_MS)) return
  writeFileSync(stamp, '')
  for (const runId of new Set([...readdirSync(state.settled), ...ledgerIds(state)])) {
    if (isOld(state, runId, now - days * DAY_MS)) forget(state, runId)
  }
}

function isOld(state: StateDirectory, runId: string, limit: number): boolean {
  const places = [join(state.settled, runId), join(state.ledger, `${runId}.json`)]
  return places.every((path) => (ageOf(path)?.mtimeMs ?? 0) < limit)
}

/** Under the lease, lest a run with this very id is beginning. */
function forget(state: StateDirectory, runId: string): void {
  using lease = tryLock(state.lease(runId))
  if (lease === undefined || existsSync(state.run(runId))) return
  rmSync(join(state.settled, runId), { recursive: true, force: true })
  removeLedger(state, runId)
}

function ageOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}
