import type { RunContext } from '../context.ts'
import type { Source, SourcePlan } from '../sources/source.ts'
import type { BoundJob } from './bind.ts'
import { planSource } from './plan-source.ts'
import type { StateDirectory } from './state-directory.ts'

/** The plan of the job's source, with the bytes and the inputs of all that the job reads. */
export interface JobPlan extends SourcePlan {
  /** Of every source, what it planned. */
  readonly plans: ReadonlyMap<Source, SourcePlan>
}

/** Plans the source of a job, and those that its gathering steps read beside. */
export async function planInputs(
  bound: Pick<BoundJob, 'source' | 'sink' | 'rounds'>,
  context: RunContext,
  state?: StateDirectory,
): Promise<JobPlan> {
  const { source, rounds } = bound
  const first = await planSource(bound, context, state)
  const plans = new Map([[source, first]])
  for (const beside of rounds.gathering.flatMap(({ inputs }) => Object.values(inputs))) {
    if (!plans.has(beside)) plans.set(beside, await beside.plan(context))
  }
  const all = [...plans.values()]
  const bytes = all.map((plan) => plan.bytes)
  const versions = all.flatMap(({ version }) => version ?? [])
  return {
    ...first,
    ...(versions.length > 0 ? { version: versions.join('\n') } : {}),
    bytes: bytes.includes(undefined) ? undefined : (bytes as number[]).reduce((sum, one) => sum + one),
    inputs: all.flatMap(({ inputs }) => inputs),
    plans,
  }
}

/** Throws `source-changed`. */
export async function verifyInputs({ plans }: JobPlan, context: RunContext): Promise<void> {
  for (const [source, plan] of plans) await source.verify(plan, context)
}
