import { isSink, type Job, type JobContext } from '../../../lifecycle/job.ts'
import { discardRows } from '../../../sinks/discard.ts'
import { checkTypes } from '../check-types.ts'
import { execute } from '../execute.ts'
import { type RunFlags, runSettings } from '../flags.ts'
import { loadJob } from '../load-job.ts'

/** `sluice check <job.ts>`: types first, for they cost less than rows. */
export async function check(path: string, flags: RunFlags, params: Readonly<Record<string, string>>): Promise<number> {
  const settings = runSettings(flags, params)
  const { job, code } = await loadJob(path)
  await checkTypes(path)
  return execute(withoutLoad(job), { ...settings, code, dryRun: true })
}

/** The job with all its parts, but no row goes anywhere. The target is not even looked at. */
function withoutLoad(job: Job): Job {
  const load = (context: JobContext) => {
    const sink = typeof job.load === 'function' ? job.load(context) : job.load
    return isSink(sink) ? discardRows() : sink
  }
  return { ...job, load }
}
