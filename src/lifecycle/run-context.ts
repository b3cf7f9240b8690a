import { randomBytes } from 'node:crypto'
import type { RunContext, RunEvent } from '../context.ts'
import type { Job } from './job.ts'
import { logStory } from './log-story.ts'
import { silentLogger, withFields } from './logger.ts'
import type { RunOptions } from './run-options.ts'

/** What components may know of their run. */
export function runContext(
  job: Job,
  options: RunOptions,
  known: Pick<RunContext, 'runId' | 'environment' | 'scratch' | 'signal'>,
): RunContext {
  const { runId } = known
  const { params = {}, log = silentLogger, correlationId = runId } = options
  const story = withFields(log, { run_id: runId, job: job.name, correlation_id: correlationId })
  return {
    ...known,
    job: job.name,
    params,
    correlationId,
    processedAt: new Date(),
    hashKey: randomBytes(32),
    memoryBudget: job.memoryBudget ?? DEFAULT_MEMORY,
    log: story,
    emit: (event) => {
      logStory(story, event)
      tell(event, options, story)
    },
  }
}

/** Whoever listens must not change what becomes of the run. */
function tell(event: RunEvent, { onEvent }: RunOptions, log: RunContext['log']): void {
  try {
    onEvent?.(event)
  } catch (error) {
    log.warn({ event: event.type, err: (error as Error)?.message }, 'a listener of the run threw')
  }
}

const DEFAULT_MEMORY = 16 << 20
