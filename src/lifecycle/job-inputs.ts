import type { RunContext } from '../context.ts'
import type { Source, SourcePlan } from '../sources/source.ts'
import type { BoundJob } from './bind.ts'
import { planSource } from './plan-source.ts'
import type { StateDirectory } from './state-directory.ts'

/** The plan of the job's source, with the bytes and the inputs of all that the job reads. */
export interface JobPlan extends SourcePlan {
  /** Of every source, what it planned. */
  readonly plans: ReadonlyMap<Source, SourcePlan>
  /**
   * By which a run knows its repetition. What a source that resumes had to read is none of it: once that is committed, it
   * is not there to be read again.
   */
  readonly sameness: Pick<SourcePlan, 'inputs' | 'version'>
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
  return {
    ...first,
    ...joined(all),
    bytes: bytes.includes(undefined) ? undefined : (bytes as number[]).reduce((sum, one) => sum + one),
    plans,
    sameness: joined(source.resumes === undefined ? all : all.slice(1)),
  }
}

function joined(plans: readonly SourcePlan[]): JobPlan['sameness'] {
  const versions = plans.flatMap(({ version }) => version ?? [])
  const inputs = plans.flatMap((plan) => plan.inputs)
  return { inputs, ...(versions.length > 0 ? { version: versions.join('\n') } : {}) }
}

/** Throws `source-changed`. */
export async function verifyInputs({ plans }: JobPlan, context: RunContext): Promise<void> {
  for (const [source, plan] of plans) await source.verify(plan, context)
}
