import type { RunContext } from '../context.ts'
import type { Source, SourcePlan } from '../sources/source.ts'
import type { BoundJob } from './bind.ts'

/** The plan of the job's source, with the bytes and the inputs of all that the job reads. */
export interface JobPlan extends SourcePlan {
  /** Of every source, what it planned. */
  readonly plans: ReadonlyMap<Source, SourcePlan>
}

/** Plans the source of a job, and those that its gathering steps read beside. */
export async function planInputs(
  { source, rounds }: Pick<BoundJob, 'source' | 'rounds'>,
  context: RunContext,
): Promise<JobPlan> {
  const first = await source.plan(context)
  const plans = new Map([[source, first]])
  for (const beside of rounds.gathering.flatMap(({ inputs }) => Object.values(inputs))) {
    if (!plans.has(beside)) plans.set(beside, await beside.plan(context))
  }
  const all = [...plans.values()]
  const bytes = all.map((plan) => plan.bytes)
  return {
    splits: first.splits,
    bytes: bytes.includes(undefined) ? undefined : (bytes as number[]).reduce((sum, one) => sum + one),
    inputs: all.flatMap(({ inputs }) => inputs),
    plans,
  }
}

/** Throws `source-changed`. */
export async function verifyInputs({ plans }: JobPlan, context: RunContext): Promise<void> {
  for (const [source, plan] of plans) await source.verify(plan, context)
}
