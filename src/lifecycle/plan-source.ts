import type { RunContext } from '../context.ts'
import { SluiceError } from '../errors.ts'
import type { SourcePlan } from '../sources/source.ts'
import type { BoundJob } from './bind.ts'

/** Plans the source of a job. One that resumes is told by the target how far it was read. */
export async function planSource(
  { source, sink }: Pick<BoundJob, 'source' | 'sink'>,
  context: RunContext,
): Promise<SourcePlan> {
  const { resumes } = source
  if (resumes === undefined) return await source.plan(context)
  const { target, location } = sink
  if (target.lastBookmark === undefined) {
    const fix = 'Load an Iceberg table, or name the snapshot yourself.'
    const text = `${location} keeps no bookmark, so nobody knows what the job has committed last of ${resumes}. ${fix}`
    throw new SluiceError('job-invalid', text)
  }
  const last = await target.lastBookmark(location, { job: context.job, source: resumes })
  const plan = await source.plan(context, last)
  const { bookmark } = plan
  return bookmark === undefined ? plan : { ...plan, bookmark: { ...bookmark, last: last ?? null } }
}
