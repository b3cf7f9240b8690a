import type { Settings } from '../config/settings.ts'
import { type BoundJob, bindJob } from './bind.ts'
import type { Job, JobContext } from './job.ts'
import type { Notifier } from './notifications/notifier.ts'
import { placeLetters } from './place-letters.ts'
import { placeNotifiers } from './place-notifiers.ts'

/** A job bound to its surroundings, which say what it leaves open. */
export interface BoundRun extends BoundJob {
  readonly notifiers: readonly Notifier[]
}

/** Throws `job-invalid`. */
export function bindRun(job: Job, context: JobContext, settings: Settings): BoundRun {
  const bound = bindJob(job, context)
  const deadLetters = placeLetters(bound.deadLetters, settings)
  return { ...bound, deadLetters, notifiers: placeNotifiers(bound.notifiers, settings) }
}
