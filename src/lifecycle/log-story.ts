import type { LogFields, Logger, RunEvent } from '../context.ts'

/** Tells the log what happens to a run: a line for each step, and for each batch only at the level debug. */
export function logStory(log: Logger, event: RunEvent): void {
  const [level, fields, message] = lineOf(event)
  log[level](fields, message)
}

function lineOf(event: RunEvent): [level: keyof Logger, fields: LogFields, message: string] {
  switch (event.type) {
    case 'RunPlanned':
      return ['info', { target: event.target, splits: event.splits, bytes: event.bytes }, 'planned']
    case 'BatchRead':
      return ['debug', { split: event.split, rows: event.rows, bytes: event.bytes }, 'batch read']
    case 'ReadRetried':
      return [
        'warn',
        { split: event.split, attempt: event.attempt, wait_ms: event.waitMs, reason: event.reason },
        'retry',
      ]
    case 'SplitStaged':
      return ['info', { split: event.split, stages: event.counts }, 'staged']
    case 'RunJudged':
      return ['info', { verdict: event.verdict, rejected: event.rejected }, 'judged']
    case 'RunDecided':
      return ['info', { verdict: event.verdict }, 'decided']
    case 'RunCommitted':
      return ['info', { target: event.target, rows: event.rows }, 'committed']
    case 'RunAborted':
      return ['info', { reason: event.reason }, 'aborted']
    case 'DeadLettersDelivered':
      return ['info', { path: event.path, letters: event.letters }, 'dead letters delivered']
    case 'RunFailed':
      return ['error', { code: event.error.code, err: event.error.message }, 'failed']
    case 'RunNotified':
      if (event.status === 'sent') return ['info', { target: event.target }, 'notified']
      return ['warn', { target: event.target, err: event.error }, 'could not notify']
    case 'RunAudited':
      return ['info', { status: event.status }, 'audited']
  }
}
