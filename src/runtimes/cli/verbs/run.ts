import { execute } from '../execute.ts'
import { type RunFlags, runSettings } from '../flags.ts'
import { loadJob } from '../load-job.ts'

/** `sluice run <job.ts>` */
export async function run(path: string, flags: RunFlags, params: Readonly<Record<string, string>>): Promise<number> {
  const settings = runSettings(flags, params)
  const { job, code } = await loadJob(path)
  return execute(job, { ...settings, code })
}
