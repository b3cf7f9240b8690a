import { resolveSettings } from '../../config/settings.ts'
import { type ErrorCode, SluiceError } from '../../errors.ts'
import { headObject } from '../../storage/s3/find-objects.ts'
import { withS3 } from '../../storage/s3/s3-settings.ts'
import { objectRunId } from './event-run-id.ts'
import type { Invocation } from './invocation.ts'
import { type ObjectRecord, reasonToPass } from './object-record.ts'
import { runInLambda } from './run-in-lambda.ts'
import { tellFailure } from './tell-failure.ts'

/** What became of one object. `repeated`: its run had committed before. `passed`: none is meant, for that reason. */
export interface ObjectAnswer {
  readonly source: string
  readonly status: 'committed' | 'repeated' | 'passed'
  readonly runId?: string
  readonly reason?: string
}

/** One run for each object, in order. One that fails does not keep the others; its error is thrown at the end. */
export async function runObjects(
  objects: readonly ObjectRecord[],
  invocation: Invocation,
): Promise<readonly ObjectAnswer[]> {
  const answers: ObjectAnswer[] = []
  const errors: SluiceError[] = []
  for (const record of objects) {
    if (invocation.signal.aborted) {
      errors.push(tellFailure(invocation.signal.reason, invocation.log, { source: record.source }))
      break
    }
    try {
      answers.push(await runObject(record, invocation))
    } catch (error) {
      errors.push(error as SluiceError)
    }
  }
  if (errors[0] !== undefined) throw errors[0]
  return answers
}

async function runObject(record: ObjectRecord, invocation: Invocation): Promise<ObjectAnswer> {
  const { source } = record
  const { job, log } = invocation
  const reason = reasonToPass(record) ?? (await whyOutdated(record, invocation))
  if (reason !== undefined) {
    log.info('passed over', { source, reason, correlation_id: record.correlationId })
    return { source, status: 'passed', reason }
  }
  const runId = objectRunId(job.name, record)
  const params = await told(record, invocation, () => paramsOf(record, invocation))
  // Whatever has changed since, code or params: what was loaded once is not loaded again.
  const wish = { params, runId, identity: runId, correlationId: record.correlationId ?? runId }
  const { report, repeated } = await runInLambda(wish, invocation)
  const [unfinished] = report.unfinished
  // The next delivery finds the run, and does what is left to do.
  if (unfinished !== undefined) throw new SluiceError(unfinished.code as ErrorCode, unfinished.message)
  return { source, status: repeated ? 'repeated' : 'committed', runId }
}

/**
 * An object that was replaced since is loaded by the run of what replaced it, which has an event of its own. Who may not
 * look gets a run, and so does an object that is gone: the run fails, unless it has committed before.
 */
async function whyOutdated(record: ObjectRecord, { options, signal }: Invocation): Promise<string | undefined> {
  const { etag } = record
  if (etag === undefined) return undefined
  try {
    const settings = await resolveSettings(options)
    const found = await withS3(settings, () => headObject(record, signal))
    if (found === undefined || found.etag.replaceAll('"', '') === etag) return undefined
    return 'the object was replaced since: the event of the new one is for that'
  } catch {
    return undefined
  }
}

function paramsOf(record: ObjectRecord, { options }: Invocation): Readonly<Record<string, string>> {
  const { bucket, key, source } = record
  return { bucket, key, source, ...options.params?.(record) }
}

function told<R>(record: ObjectRecord, { log }: Invocation, work: () => R): R {
  try {
    return work()
  } catch (cause) {
    const error = new SluiceError('job-invalid', 'The option params of lambdaHandler threw.', { cause })
    throw tellFailure(error, log, { source: record.source })
  }
}
