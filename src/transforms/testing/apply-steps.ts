import type { RunContext } from '../../context.ts'
import type { RecordBatch } from '../../records/record-batch.ts'
import type { AnyStep } from '../row-stream.ts'
import type { Step, StepResources } from '../step.ts'

/** What steps that work batch by batch make of one batch. */
export async function applySteps(steps: readonly AnyStep[], batch: RecordBatch): Promise<RecordBatch> {
  const context = { job: 'job', runId: 'run', processedAt: new Date(0) } as RunContext
  const resources = { context, pool: undefined as never, expanded: () => {} } satisfies StepResources
  let batches: AsyncIterable<RecordBatch> = once(batch)
  for (const step of steps as readonly Step[]) batches = step.apply(batches, resources)
  const [result] = await Array.fromAsync(batches)
  return result as RecordBatch
}

async function* once(batch: RecordBatch): AsyncGenerator<RecordBatch> {
  yield batch
}
