import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunEvent } from '../../context.ts'
import { SluiceError } from '../../errors.ts'
import type { Job } from '../../lifecycle/job.ts'
import { runJob } from '../../lifecycle/run.ts'
import { leftovers, sandbox, unsettled } from '../../lifecycle/testing/sandbox.ts'
import { writeCsv } from '../../sinks/csv.ts'
import type { DeadLetter } from '../../validation/dead-letter.ts'

export interface Loaded {
  /** Undefined when nothing was written. */
  readonly output: string | undefined
  readonly error: SluiceError | undefined
  readonly letters: readonly DeadLetter[]
  readonly events: readonly RunEvent[]
}

/** Runs a whole job into a CSV file, and makes sure that it leaves nothing behind. */
export async function loadToCsv(job: Pick<Job, 'extract'> & Partial<Job>): Promise<Loaded> {
  using box = sandbox('parquet')
  const [target, state, deadLetters] = ['out.csv', 'state', 'dead.jsonl'].map((name) => join(box.path, name)) as [
    string,
    string,
    string,
  ]
  const events: RunEvent[] = []
  let error: SluiceError | undefined
  try {
    const whole = { name: 'load', load: writeCsv(target), deadLetters, ...job } as Job
    await runJob(whole, { state, onEvent: (event: RunEvent) => events.push(event) })
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown
    error = thrown
  }
  const left = [...leftovers(box.path), ...(existsSync(state) ? unsettled(state) : [])]
  if (left.length > 0) throw new Error(`the run left ${left.join(', ')}`)
  const output = existsSync(target) ? readFileSync(target, 'utf8') : undefined
  const lines = existsSync(deadLetters) ? readFileSync(deadLetters, 'utf8').split('\n').slice(0, -1) : []
  return { output, error, events, letters: lines.map((line) => JSON.parse(line)) }
}
