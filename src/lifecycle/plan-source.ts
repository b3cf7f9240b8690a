import type { RunContext } from '../context.ts'
import { SluiceError } from '../errors.ts'
import type { SourcePlan } from '../sources/source.ts'
import type { BoundJob } from './bind.ts'
import type { StateDirectory } from './state-directory.ts'
import { recoverTarget } from './target-recovery.ts'

/**
 * Plans the source of a job. One that resumes is told by the target how far it was read; of runs that were interrupted on
 * the target, which the state directory knows, the bookmark may still be to come, so that they are settled before.
 */
export async function planSource(
  { source, sink }: Pick<BoundJob, 'source' | 'sink'>,
  context: RunContext,
  state?: StateDirectory,
): Promise<SourcePlan> {
  const { resumes } = source
  if (resumes === undefined) return await source.plan(context)
  const { target, location } = sink
  if (target.lastBookmark === undefined) {
    const fix = 'Load an Iceberg table, or name the snapshot yourself.'
    const text = `${location} keeps no bookmark, so nobody knows what the job has committed last of ${resumes}. ${fix}`
    throw new SluiceError('job-invalid', text)
  }
  if (state !== undefined) await recoverTarget(state, location, context.log, context.runId)
  const last = await target.lastBookmark(location, { job: context.job, source: resumes })
  const plan = await source.plan(context, last)
  const { bookmark } = plan
  return bookmark === undefined ? plan : { ...plan, bookmark: { ...bookmark, last: last ?? null } }
}
