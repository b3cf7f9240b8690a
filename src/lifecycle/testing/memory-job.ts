import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { RunEvent } from '../../context.ts'
import { writeRows } from '../../sinks/rows.ts'
import { readRows } from '../../sources/rows.ts'
import type { RowStream } from '../../transforms/row-stream.ts'
import { defineJob, type Job } from '../job.ts'
import type { RunReport } from '../report.ts'
import { runJob } from '../run.ts'
import { sandbox } from './sandbox.ts'

export interface NumberRow extends Record<string, unknown> {
  readonly id: number
}

export interface Played {
  readonly rows: readonly Record<string, unknown>[]
  readonly report: RunReport
  readonly events: readonly RunEvent[]
}

/** Runs rows 0, 1, 2 … through a plan, from objects to objects. Rejects with the run's error; then no row came out. */
export async function playRows(
  count: number,
  transform: (rows: RowStream<NumberRow>) => RowStream,
  options: Partial<Pick<Job, 'validate' | 'onInvalid' | 'deadLetters'>> = {},
): Promise<Played> {
  using box = sandbox('rows')
  const rows: Record<string, unknown>[] = []
  const events: RunEvent[] = []
  const sink = new Writable({
    objectMode: true,
    write: (row, _encoding, done) => {
      rows.push(row)
      done()
    },
  })
  const job = defineJob({
    name: 'rows',
    extract: readRows(numbers(count), { allowEmpty: true }),
    transform,
    load: writeRows(sink),
    ...options,
  })
  try {
    const report = await runJob(job, { state: join(box.path, 'state'), onEvent: (event) => events.push(event) })
    return { rows, report, events }
  } catch (error) {
    if (rows.length > 0) throw new Error(`${rows.length} rows came out of a run that failed`, { cause: error })
    throw error
  }
}

function* numbers(count: number): Generator<NumberRow> {
  for (let id = 0; id < count; id++) yield { id }
}
