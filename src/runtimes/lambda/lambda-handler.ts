import { checkJob, type Job } from '../../lifecycle/job.ts'
import type { JsonObject } from '../../lifecycle/json.ts'
import { answerQueue, type BatchAnswer, isQueueEvent } from './answer-queue.ts'
import { startDeadline } from './deadline.ts'
import type { Invocation } from './invocation.ts'
import type { LambdaContext } from './lambda-context.ts'
import { type LambdaLogger, lambdaLogger } from './lambda-logger.ts'
import { checkLambdaOptions, type LambdaOptions } from './lambda-options.ts'
import { readEvent } from './read-event.ts'
import { runDirect } from './run-direct.ts'
import { type ObjectAnswer, runObjects } from './run-object.ts'
import { tellFailure } from './tell-failure.ts'

/** What the function answers: to a batch of messages, to events of objects, or to whoever invoked it, the report. */
export type LambdaHandler = (
  event: unknown,
  context: LambdaContext,
) => Promise<BatchAnswer | { readonly runs: readonly ObjectAnswer[] } | JsonObject>

/**
 * The handler of an AWS Lambda function that runs a job: `export const handler = lambdaHandler(job)`. It understands
 * direct invocations (`{ params }`), scheduled events, and events of S3, directly or by EventBridge, SNS or SQS; the run
 * of an object has the params `bucket`, `key` and `source`. An object that is told of twice is loaded once.
 *
 * Of a batch of SQS it answers which messages failed. Otherwise it throws a `SluiceError`, and nothing was loaded (unless
 * its code is `in-doubt`). A run is aborted in time before the function times out: `deadline-exceeded`.
 *
 * @throws SluiceError `job-invalid` for a job or options that make no sense.
 */
export function lambdaHandler(job: Job, options: LambdaOptions = {}): LambdaHandler {
  checkJob(job)
  checkLambdaOptions(options)
  return async (event, context) => {
    using deadline = startDeadline(context, options.marginMs)
    const service = process.env['POWERTOOLS_SERVICE_NAME'] || job.name
    const log = options.logger ?? lambdaLogger(context, { service, cold: takeCold() })
    log.addContext?.(context as never)
    return await answer(event, { job, options, context, service, log, signal: deadline.signal })
  }
}

async function answer(event: unknown, invocation: Invocation): ReturnType<LambdaHandler> {
  if (isQueueEvent(event)) return await answerQueue(event, invocation)
  const request = await told(invocation.log, () => readEvent(event))
  if (request.kind === 'run') return (await runDirect(request, invocation)).toJSON()
  return { runs: await runObjects(request.objects, invocation) }
}

/** Whoever invoked the function gets the error; that must not be the only place where it stands. */
async function told<R>(log: LambdaLogger, work: () => R): Promise<R> {
  try {
    return work()
  } catch (error) {
    throw tellFailure(error, log)
  }
}

let cold = true

/** True for the first invocation of this process. */
function takeCold(): boolean {
  const first = cold
  cold = false
  return first
}
