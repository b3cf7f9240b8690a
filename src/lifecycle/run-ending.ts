import { ERRORS } from '../errors.ts'
import { crashPoint } from '../storage/crash-point.ts'
import type { Attempt } from './attempt.ts'
import { writeAudit } from './audit.ts'
import type { Begun, Decided, Outcome, Refused, RunError, RunStatus } from './journal-record.ts'
import type { JsonObject } from './json.ts'
import { writeLedger } from './ledger.ts'
import type { OpenRun } from './open-run.ts'
import { type Ending, settledRecord } from './settled-record.ts'

interface Facts {
  readonly decided: Decided
  readonly outcome: Outcome | undefined
  readonly recovered: boolean
  readonly commitMs: number | undefined
  readonly unfinished: readonly RunError[]
}

/** How the run ended, in the words of the report. */
export function endingOf(run: OpenRun, { decided, outcome, recovered, commitMs, unfinished }: Facts): Ending {
  const { status, error } = statusOf(decided, outcome, whereLettersAre(run, decided))
  const refused = outcome?.type === 'refused'
  const path = run.progress.begun?.deadLetters ?? null
  const lettersDelivered = decided.letters === null && !refused ? undefined : run.progress.lettersDelivered
  const deadLetters = refused && path !== null ? { path, letters: (decided.letters?.letters ?? 0) + 1 } : undefined
  const timings = recovered ? {} : endTimings(run, commitMs)
  const settledAt = new Date().toISOString()
  return { status, error, recovered, lettersDelivered, deadLetters, unfinished, settledAt, timings }
}

/** A sentence for people, and only if it is true. */
function whereLettersAre({ progress }: OpenRun, { letters }: Decided): string {
  if (letters === null) return ''
  if (progress.lettersDelivered) return ` The rejected rows are in ${progress.begun?.deadLetters}.`
  return ` The rejected rows wait in ${letters.path}: run \`sluice recover\` to deliver them.`
}

/** Milliseconds that the commit took, if there was one, and the run until now. */
export function endTimings(run: OpenRun, commitMs?: number): JsonObject {
  const total = Date.now() - Date.parse((run.progress.begun as Begun).startedAt)
  return { ...(commitMs === undefined ? {} : { commit_ms: commitMs }), total_ms: total }
}

/** Writes audit record and ledger entry; returns the final report. */
export async function recordEnding(
  run: OpenRun,
  { decided, ending, attempt }: { decided: Decided; ending: Ending; attempt: Attempt },
): Promise<JsonObject> {
  const begun = run.progress.begun as Begun
  const { runId, job, fingerprint, startedAt } = begun
  const { status, settledAt, recovered } = ending
  const common = { run_id: runId, job, status, started_at: startedAt, settled_at: settledAt }
  const report = settledRecord(decided.report, ending)
  await attempt('write the audit record', async () => {
    const path = writeAudit(run.state, {
      ...settledRecord({ ...begun.audit, ...decided.audit }, ending),
      ...common,
      recovered,
    })
    await run.state.remote?.keep(path)
    crashPoint('audit-written')
  })
  await attempt('write the ledger', async () => {
    const path = writeLedger(run.state, { ...common, fingerprint, report })
    await run.state.remote?.keep(path)
    crashPoint('ledger-written')
  })
  return report
}

export function refusalOf({ code, reason }: Refused): RunError {
  return { code, message: `Nothing was committed: ${reason}.` }
}

function statusOf(
  decided: Decided,
  outcome: Outcome | undefined,
  where: string,
): { status: RunStatus; error: RunError | null } {
  const { error } = decided
  if (decided.verdict === 'reject') {
    return { status: 'invalid', error: error && { ...error, message: error.message + where } }
  }
  if (decided.verdict === 'fail') {
    // A header that lacks a column is a matter of validation as well, though no rule could be asked.
    const invalid = error !== null && ERRORS[error.code].exitCode === 3
    return { status: invalid ? 'invalid' : 'failed', error }
  }
  switch (outcome?.type) {
    case 'committed':
      return { status: 'committed', error: null }
    case 'refused':
      return { status: 'failed', error: refusalOf(outcome) }
    default:
      return { status: 'in_doubt', error: { code: 'in-doubt', message: `Nobody can know: ${outcome?.reason}.` } }
  }
}
