import { join } from 'node:path'
import type { Logger, RunEvent } from '../context.ts'
import { SluiceError } from '../errors.ts'
import { crashPoint } from '../storage/crash-point.ts'
import { makeDirectories } from '../storage/durable.ts'
import type { PreparedOutput, Target } from '../storage/target.ts'
import { targetOfKind } from '../storage/targets.ts'
import { announce } from './announce.ts'
import { attempting } from './attempt.ts'
import type { Begun, Decided, Outcome, Refused, RunError, RunStatus, SealedLetters } from './journal-record.ts'
import type { JsonObject } from './json.ts'
import { postLetters } from './letters/post-letters.ts'
import type { Notifier } from './notifications/notifier.ts'
import type { OpenRun } from './open-run.ts'
import { prune } from './prune.ts'
import { endingOf, endTimings, refusalOf } from './run-ending.ts'
import { sealRunLetter } from './run-letter.ts'
import { settleFiles } from './settle-files.ts'
import { StopWatch } from './stop-watch.ts'

export interface FinishOptions {
  readonly log: Logger
  /** Needed for a stream; other targets are found by their kind. */
  readonly target?: Target
  readonly recovered?: boolean
  readonly emit?: (event: RunEvent) => void
  /** Those of the job; recovery makes them anew from the journal. */
  readonly notifiers?: readonly Notifier[]
}

export interface Settlement {
  readonly status: RunStatus
  /** Why the run did not commit; null when it did. */
  readonly error: RunError | null
  /** The final report. */
  readonly report: JsonObject
  /**
   * What could not be done although the outcome stands, such as undelivered dead letters. Unless it is empty the
   * run is not settled and `recover` will try again.
   */
  readonly unfinished: readonly SluiceError[]
}

/**
 * Carries out a decision: commit or abort, deliver the dead letters, write audit and ledger, notify, tidy up. The live
 * run and recovery both come here, and every step is skipped that the journal says is done.
 *
 * Throws `in-doubt` when the outcome of the commit is unknown; nothing is deleted then.
 */
export async function finish(run: OpenRun, options: FinishOptions): Promise<Settlement> {
  const decided = run.progress.decided
  if (decided === undefined)
    throw new SluiceError('internal', `Run ${run.runId} is not decided and cannot be finished.`)
  const target = options.target ?? plannedTarget(run)
  const unfinished: SluiceError[] = []
  const attempt = attempting(unfinished, options.log)

  const clock = new StopWatch()
  const outcome = decided.verdict === 'commit' ? await commitOnce(run, target, options) : undefined
  const commitMs = outcome === undefined ? undefined : clock.lap()
  await attempt('tidy up the staging', () => tidy(run, target, outcome))
  await attempt('deliver the dead letters', () => deliverOnce(run, decided, outcome, options))
  const { recovered = false } = options
  const ending = endingOf(run, { decided, outcome, recovered, commitMs, unfinished: unfinished.map(asJson) })
  const report = await announce(run, { decided, ending, attempt }, options)
  if (unfinished.length === 0) await attempt('settle the run', () => settle(run, ending.status))
  // Whatever becomes of old runs, this one is settled.
  await attempting([], options.log)('forget old runs', () => prune(run.state))
  options.emit?.({ type: 'RunAudited', status: ending.status })
  const told = { ...report, unfinished: unfinished.map(asJson) }
  return { status: ending.status, error: ending.error, report: told, unfinished }
}

function asJson({ code, message }: SluiceError): RunError {
  return { code, message }
}

function plannedTarget(run: OpenRun): Target | undefined {
  const kind = run.progress.planned?.plan.kind
  return kind === undefined ? undefined : targetOfKind(kind)
}

async function commitOnce(run: OpenRun, target: Target | undefined, options: FinishOptions): Promise<Outcome> {
  const known = run.progress.outcome
  if (known !== undefined) return known
  const output = run.progress.decided!.output!
  let outcome: Outcome
  try {
    const { outcome: type, ...why } = await target!.commit(output)
    outcome = { type, ...why } as Outcome
    // Durable, for the next step takes the evidence away by which the commit would know its own success.
    run.record(outcome)
    await run.publish()
  } catch (error) {
    throw await inDoubt(run, error, options)
  }
  crashPoint('outcome-journaled')
  tell(outcome, output, options)
  return outcome
}

function tell(outcome: Outcome, { plan, outputs }: PreparedOutput, { emit }: FinishOptions): void {
  const rows = outputs.reduce((sum, file) => sum + file.rows, 0)
  if (outcome.type === 'committed') emit?.({ type: 'RunCommitted', target: plan.path, rows })
  else emit?.({ type: 'RunAborted', reason: outcome.reason })
}

/** The audit trail says what is known, as well as it can; the error says what to do. */
async function inDoubt(run: OpenRun, cause: unknown, options: FinishOptions): Promise<SluiceError> {
  const { log, recovered = false } = options
  const why = cause instanceof Error ? cause.message : String(cause)
  const message = `It is unknown whether run ${run.runId} was committed: ${why} Run \`sluice recover\`.`
  const decided = run.progress.decided!
  const error: RunError = { code: 'in-doubt', message }
  const timings = recovered ? {} : endTimings(run)
  const ending = {
    status: 'in_doubt',
    error,
    recovered,
    lettersDelivered: undefined,
    settledAt: now(),
    timings,
  } as const
  await announce(run, { decided, ending, attempt: attempting([], log) }, options)
  return new SluiceError('in-doubt', message, { context: { runId: run.runId }, cause })
}

async function tidy(run: OpenRun, target: Target | undefined, outcome: Outcome | undefined): Promise<void> {
  const plan = run.progress.planned?.plan
  if (plan === undefined || target === undefined || run.progress.aborted) return
  if (outcome?.type === 'committed') {
    await target.release(plan)
    crashPoint('staging-released')
    return
  }
  await target.abort(plan)
  crashPoint('staging-aborted')
  run.append({ type: 'aborted' })
}

async function deliverOnce(
  run: OpenRun,
  decided: Decided,
  outcome: Outcome | undefined,
  { emit, log }: FinishOptions,
): Promise<void> {
  const path = run.progress.begun?.deadLetters
  if (path == null || run.progress.lettersDelivered) return
  const letters = outcome?.type === 'refused' ? await withRefusal(run, decided, outcome) : decided.letters
  if (letters === null) return
  await postLetters(run, letters, path, log)
  emit?.({ type: 'DeadLettersDelivered', path, letters: letters.letters })
}

/** A run whose commit was refused failed for another reason than its rows, so it leaves a letter of its own as well. */
function withRefusal(run: OpenRun, { letters, audit }: Decided, refused: Refused): Promise<SealedLetters> {
  const { state, runId, progress } = run
  const header = { ...(progress.begun as Begun), audit }
  // Another machine has it only if there were letters before.
  makeDirectories(state.scratch(runId), 0o700)
  return sealRunLetter(join(state.scratch(runId), 'refused-letters.jsonl'), header, refusalOf(refused), letters)
}

async function settle(run: OpenRun, status: RunStatus): Promise<void> {
  run.append({ type: 'audited', status })
  await run.publish()
  crashPoint('run-audited')
  await settleFiles(run)
  crashPoint('run-settled')
}

function now(): string {
  return new Date().toISOString()
}
