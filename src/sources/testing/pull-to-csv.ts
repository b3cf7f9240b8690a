import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunEvent } from '../../context.ts'
import { SluiceError } from '../../errors.ts'
import type { Job } from '../../lifecycle/job.ts'
import type { RunReport } from '../../lifecycle/report.ts'
import { runJob } from '../../lifecycle/run.ts'
import { leftovers, sandbox, unsettled } from '../../lifecycle/testing/sandbox.ts'
import { writeCsv } from '../../sinks/csv.ts'
import type { ApiJobOptions } from '../api/check-api-options.ts'
import { type Clock, SYSTEM_CLOCK } from '../api/clock.ts'
import { readApiByClock } from '../api.ts'

export interface Pulled {
  /** What stands in the target; undefined when nothing does. */
  readonly output: string | undefined
  readonly report: RunReport | undefined
  readonly error: SluiceError | undefined
  readonly letters: readonly Record<string, unknown>[]
  readonly events: readonly RunEvent[]
}

export interface PullOptions extends Partial<Pick<Job, 'validate' | 'onInvalid'>> {
  readonly clock?: Clock
  readonly signal?: AbortSignal
}

/** Runs a whole job from an API to a CSV file, and makes sure that it leaves nothing behind. */
export async function pullToCsv(api: ApiJobOptions, { clock, signal, ...rules }: PullOptions = {}): Promise<Pulled> {
  using box = sandbox('api')
  const target = join(box.path, 'out.csv')
  const state = join(box.path, 'state')
  const deadLetters = join(box.path, 'dead.jsonl')
  const events: RunEvent[] = []
  const extract = readApiByClock(api, clock ?? SYSTEM_CLOCK)
  const job = { name: 'pull', extract, load: writeCsv(target), deadLetters, ...rules } as Job
  const run = { state, onEvent: (event: RunEvent) => events.push(event), ...(signal === undefined ? {} : { signal }) }
  let report: RunReport | undefined
  let error: SluiceError | undefined
  try {
    report = await runJob(job, run)
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown
    error = thrown
  }
  const left = [...leftovers(box.path), ...(existsSync(state) ? unsettled(state) : [])]
  if (left.length > 0) throw new Error(`the run left ${left.join(', ')}`)
  const output = existsSync(target) ? readFileSync(target, 'utf8') : undefined
  const lines = existsSync(deadLetters) ? readFileSync(deadLetters, 'utf8').split('\n').slice(0, -1) : []
  return { output, report, error, events, letters: lines.map((line) => JSON.parse(line)) }
}

/** A clock whose sleeps are over at once; it notes how long they would have been. */
export function fastClock(random = 0.5): Clock & { readonly slept: number[] } {
  const slept: number[] = []
  let ahead = 0
  return {
    slept,
    now: () => Date.now() + ahead,
    random: () => random,
    sleep: async (milliseconds, signal) => {
      signal.throwIfAborted()
      slept.push(milliseconds)
      ahead += milliseconds
    },
  }
}
