import type { Settings } from '../../config/settings.ts'
import { SluiceError } from '../../errors.ts'
import { bindJob } from '../../lifecycle/bind.ts'
import type { Job, JobContext } from '../../lifecycle/job.ts'
import { jobContext } from '../../lifecycle/job-context.ts'
import { formatS3, isS3, parseS3 } from '../../storage/s3/s3-location.ts'

/**
 * Where the state of a run in Lambda lies: as configured, else `.sluice/` in the bucket of the target. The disk of a
 * function goes with it: then a repeated delivery would load twice, and nobody could finish what a crash left. Who wants
 * that all the same names a directory in `/tmp`.
 *
 * @throws SluiceError `config-invalid`
 */
export function lambdaState(job: Job, { state }: Settings, target: () => string): string {
  if (state.from !== 'default') {
    if (isS3(state.value) || state.value.startsWith('/tmp/')) return state.value
    throw refused(`the state cannot lie in ${state.value} (${state.name})`)
  }
  const location = target()
  if (!isS3(location)) throw refused(`the job ${job.name} does not write to S3, so its state has no place there`)
  return formatS3({ bucket: parseS3(location).bucket, key: '.sluice/' })
}

/** Where the job would write with these params. Throws what its functions throw. */
export function targetOf(job: Job, settings: Settings, run: Pick<JobContext, 'params' | 'runId'>): string {
  return bindJob(job, jobContext(settings, run)).sink.location
}

function refused(why: string): SluiceError {
  const fix = 'Set SLUICE_STATE, or the option state of lambdaHandler, to s3://bucket/prefix/.'
  return new SluiceError('config-invalid', `In Lambda ${why}. ${fix}`)
}
