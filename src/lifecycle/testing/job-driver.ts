/**
 * Runs a job of plain options in a process of its own: `node job-driver.ts '{…}'`. For large cases, since the test
 * runner makes every promise many times dearer, and for what a run does to the memory of its process.
 */
import { SluiceError } from '../../errors.ts'
import type { Untyped } from '../../records/shape.ts'
import { type WriteCsvOptions, writeCsv } from '../../sinks/csv.ts'
import { readCsvInPieces } from '../../sources/csv.ts'
import type { CsvOptions } from '../../sources/csv-dialect.ts'
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
  /** Not for a process of its own: functions are no JSON. */
  readonly transform?: (rows: RowStream<Untyped>) => RowStream<Untyped>
}

/** The report of the run, also of one that was refused. */
export async function drive(options: DriverJob): Promise<RunReport> {
  const { input, output, state, rules, pieceBytes, read, write, transform = (rows) => rows, ...rest } = options
  const job = defineJob({
    name: 'case',
    extract: readCsvInPieces(input, read, pieceBytes),
    transform,
    validate: rules,
    load: writeCsv(output, write),
    ...rest,
  })
  return runJob(job, { state, runId: 'the-run' }).catch((error) => {
    if (error instanceof SluiceError && error.code === 'validation-failed') return error.report as RunReport
    throw error
  })
}

if (import.meta.main) process.stdout.write(JSON.stringify(await drive(JSON.parse(process.argv[2]!))))
