/**
 * Runs a job of plain options in a process of its own: `node job-driver.ts '{…}'`. For large cases, since the test
 * runner makes every promise many times dearer, and for what a run does to the memory of its process.
 */
import type { RunContext } from '../../context.ts'
import { SluiceError } from '../../errors.ts'
import type { Untyped } from '../../records/shape.ts'
import { type WriteCsvOptions, writeCsv } from '../../sinks/csv.ts'
import { readCsvInPieces } from '../../sources/csv.ts'
import type { CsvOptions } from '../../sources/csv-dialect.ts'
import type { Source } from '../../sources/source.ts'
import type { RowStream } from '../../transforms/row-stream.ts'
import type { Rules } from '../../validation/rules.ts'
import { defineJob } from '../job.ts'
import type { RunReport } from '../report.ts'
import { runJob } from '../run.ts'

export interface DriverJob {
  readonly input: string
  readonly output: string
  readonly deadLetters: string
  readonly state: string
  readonly rules: Rules<Untyped>
  readonly onInvalid: 'fail' | 'quarantine'
  readonly memoryBudget: number
  readonly pieceBytes: number
  readonly read: CsvOptions
  readonly write: WriteCsvOptions
  /** What the plan says of the length of the input: by it a run chooses its I/O. */
  readonly plannedBytes?: number
  /** Not for a process of its own: functions are no JSON. */
  readonly transform?: (rows: RowStream<Untyped>) => RowStream<Untyped>
}

/** The report of the run, also of one that was refused. */
export async function drive(options: DriverJob): Promise<RunReport> {
  const { input, output, state, rules, pieceBytes, plannedBytes, read, write, transform, ...rest } = options
  const source = readCsvInPieces(input, read, pieceBytes)
  const job = defineJob({
    name: 'case',
    extract: plannedBytes === undefined ? source : planning(source, plannedBytes),
    transform: transform ?? ((rows) => rows),
    validate: rules,
    load: writeCsv(output, write),
    ...rest,
  })
  return runJob(job, { state, runId: 'the-run' }).catch((error) => {
    if (error instanceof SluiceError && error.code === 'validation-failed') return error.report as RunReport
    throw error
  })
}

function planning(source: Source<Untyped>, bytes: number): Source<Untyped> {
  const plan = source.plan.bind(source)
  return Object.assign(source, { plan: async (context: RunContext) => ({ ...(await plan(context)), bytes }) })
}

if (import.meta.main) process.stdout.write(JSON.stringify(await drive(JSON.parse(process.argv[2]!))))
