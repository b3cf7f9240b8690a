import type { Settings } from '../../config/settings.ts'
import type { RunContext } from '../../context.ts'
import type { Job } from '../job.ts'
import { runContext } from '../run-context.ts'
import { newRunId } from '../run-id.ts'

/** Who looks is no run, though places are planned as for one. */
export function probingContext(
  job: Pick<Job, 'name'>,
  settings: Settings,
  params: Readonly<Record<string, string>>,
): RunContext {
  const known = { runId: newRunId(), environment: settings.environment.value, scratch: '', signal: NEVER }
  return runContext(job as Job, { params }, known)
}

const NEVER = new AbortController().signal
