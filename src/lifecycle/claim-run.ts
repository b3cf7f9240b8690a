import { existsSync, mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { Logger } from '../context.ts'
import { SluiceError } from '../errors.ts'
import { crashPoint } from '../storage/crash-point.ts'
import type { FileLock } from '../storage/file-lock.ts'
import { writeError } from '../storage/write-error.ts'
import type { Begun } from './journal-record.ts'
import { takeLease } from './lease.ts'
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
 * parameters or inputs, `in-doubt` when the interrupted attempt cannot be settled, `usage` for a bad id.
 */
export async function claimRun(state: StateDirectory, header: RunHeader, log: Logger): Promise<Claim> {
  const { runId } = header
  checkRunId(runId)
  createState(state)
  const lease = takeLease(state, runId)
  if (lease === undefined) throw live(state, runId)
  if (existsSync(state.run(runId))) {
    await settleEarlier(openRun(state, runId, lease), log)
    return claimRun(state, header, log)
  }
  try {
    const entry = readLedger(state, runId)
    if (entry === undefined || !isRepetition(entry, header))
      return { kind: 'claimed', run: begin(state, header, lease) }
    lease.release()
    return { kind: 'repeated', entry }
  } catch (error) {
    lease.release()
    throw error
  }
}

async function settleEarlier(run: OpenRun, log: Logger): Promise<void> {
  using _run = run
  const { runId } = run
  const { settled, action, reason } = await settleRun(run, log)
  log.info({ run_id: runId, action, reason }, `the interrupted attempt of this run is ${action}`)
  if (settled) return
  throw new SluiceError('in-doubt', `The earlier attempt of run ${runId} cannot be settled: ${reason}`, {
    context: { runId },
  })
}

function isRepetition(entry: LedgerEntry, { runId, fingerprint, job }: RunHeader): boolean {
  const same = entry.fingerprint === fingerprint
  if (same && fingerprint !== null) return entry.status === 'committed'
  if (entry.fingerprint === null || fingerprint === null) return false
  throw new SluiceError(
    'run-id-conflict',
    `The run id ${runId} is that of a run of ${entry.job === job ? 'other inputs or parameters' : entry.job} from ${entry.started_at}: take another one.`,
    { context: { runId } },
  )
}

function begin(state: StateDirectory, header: RunHeader, lease: FileLock): OpenRun {
  const run = openRun(state, header.runId, lease)
  try {
    // Absolute, for recovery may work in another directory.
    const { deadLetters: place } = header
    const deadLetters = place === null || isRemote(place) ? place : resolve(place)
    run.append({ type: 'begun', ...header, deadLetters, process: { pid: process.pid, host: hostname() } })
    mkdirSync(state.scratch(header.runId), { recursive: true, mode: 0o700 })
    crashPoint('run-claimed')
    return run
  } catch (error) {
    run.close()
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
