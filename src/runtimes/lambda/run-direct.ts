import type { RunReport } from '../../lifecycle/report.ts'
import { newRunId } from '../../lifecycle/run-id.ts'
import { eventRunId } from './event-run-id.ts'
import type { Invocation } from './invocation.ts'
import type { DirectRun } from './read-event.ts'
import { runInLambda } from './run-in-lambda.ts'

/** The run that an event asks for by itself. Throws what `runJob` throws. */
export async function runDirect({ params, runId, eventId }: DirectRun, invocation: Invocation): Promise<RunReport> {
  const { job, context } = invocation
  const correlationId = eventId ?? context.awsRequestId
  if (runId === undefined && eventId !== undefined) {
    const id = eventRunId(job.name, eventId)
    return (await runInLambda({ params, runId: id, identity: id, correlationId }, invocation)).report
  }
  return (await runInLambda({ params, runId: runId ?? newRunId(), correlationId }, invocation)).report
}
