import type { Job } from '../../lifecycle/job.ts'
import type { LambdaContext } from './lambda-context.ts'
import type { LambdaLogger } from './lambda-logger.ts'
import type { LambdaOptions } from './lambda-options.ts'

/** What all runs of one invocation share. */
export interface Invocation {
  readonly job: Job
  readonly options: LambdaOptions
  readonly context: LambdaContext
  readonly service: string
  readonly log: LambdaLogger
  /** Aborted when the time is almost over. */
  readonly signal: AbortSignal
}
