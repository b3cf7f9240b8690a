import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { Logger } from '../context.ts'
import { SluiceError } from '../errors.ts'
import { crashPoint } from '../storage/crash-point.ts'
import { makeDirectories } from '../storage/durable.ts'
import { ownSettings } from '../storage/s3/s3-settings.ts'
import { writeError } from '../storage/write-error.ts'
import type { Begun } from './journal-record.ts'
import { type Lease, takeLease } from './lease.ts'
import { type LedgerEntry, readLedger } from './ledger.ts'
import { isRemote } from './letters/letter-place.ts'
import { type OpenRun, openRun } from './open-run.ts'
import { checkRunId } from './run-id.ts'
import { settleRun } from './settle-run.ts'
import { createState, type StateDirectory } from './state-directory.ts'

export type RunHeader = Omit<Begun, 'type' | 'process'>

export type Claim =
  | { readonly kind: 'claimed'; readonly run: OpenRun }
  /** The very same run has committed before: its report is the result. */
  | { readonly kind: 'repeated'; readonly entry: LedgerEntry }

/**
 * Makes a run id this process's own. An interrupted attempt of the same id is settled first.
 *
 * Throws `run-live` when a live process has the id, `run-id-conflict` when it belongs to another job,
 * parameters or inputs, or has committed and this run, which `mayCommit`, cannot be known to be the same, `in-doubt` when the interrupted attempt cannot be settled, `usage` for a bad id.
 */
export async function claimRun(
  state: StateDirectory,
  header: RunHeader,
  log: Logger,
  { mayCommit = true }: { readonly mayCommit?: boolean } = {},
): Promise<Claim> {
  const { runId } = header
  checkRunId(runId)
  createState(state)
  const lease = await takeLease(state, runId)
  if (lease === undefined) throw live(state, runId)
  if (existsSync(state.run(runId))) {
    await settleEarlier(await openRun(state, runId, lease), log)
    return claimRun(state, header, log, { mayCommit })
  }
  try {
    const entry = readLedger(state, runId)
    if (entry === undefined || !isRepetition(entry, header, mayCommit))
      return { kind: 'claimed', run: await begin(state, header, lease) }
    await lease.release()
    return { kind: 'repeated', entry }
  } catch (error) {
    await lease.release()
    throw error
  }
}

async function settleEarlier(run: OpenRun, log: Logger): Promise<void> {
  await using _run = run
  const { runId } = run
  const { settled, action, reason } = await settleRun(run, log)
  log.info({ run_id: runId, action, reason }, `the interrupted attempt of this run is ${action}`)
  if (settled) return
  throw new SluiceError('in-doubt', `The earlier attempt of run ${runId} cannot be settled: ${reason}`, {
    context: { runId },
  })
}

function isRepetition(entry: LedgerEntry, { runId, fingerprint, job }: RunHeader, mayCommit: boolean): boolean {
  const committed = entry.status === 'committed'
  const known = entry.fingerprint !== null && fingerprint !== null
  if (known && entry.fingerprint === fingerprint) return committed
  if (!known && !(committed && mayCommit)) return false
  const other = entry.job === job ? 'other code, inputs or parameters' : entry.job
  const what = known
    ? `a run of ${other}`
    : 'a run that committed, and of which nobody can tell whether it was the same,'
  throw new SluiceError(
    'run-id-conflict',
    `The run id ${runId} is that of ${what} from ${entry.started_at}: take another one.`,
    {
      context: { runId },
    },
  )
}

async function begin(state: StateDirectory, header: RunHeader, lease: Lease): Promise<OpenRun> {
  const run = await openRun(state, header.runId, lease)
  try {
    // Absolute, for recovery may work in another directory.
    const { deadLetters: place } = header
    const deadLetters = place === null || isRemote(place) ? place : resolve(place)
    const aws = ownSettings()
    const own = { ...(aws === undefined ? {} : { aws }), process: { pid: process.pid, host: hostname() } }
    run.append({ type: 'begun', ...header, deadLetters, ...own })
    makeDirectories(state.scratch(header.runId), 0o700)
    crashPoint('run-claimed')
    return run
  } catch (error) {
    await run.close()
    throw writeError(error, state.run(header.runId))
  }
}

function live(state: StateDirectory, runId: string): SluiceError {
  return new SluiceError(
    'run-live',
    `Run ${runId} is at work in another process: wait for it or take another run id.`,
    {
      context: { runId, path: state.run(runId) },
      retryable: true,
    },
  )
}
