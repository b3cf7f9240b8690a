import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineJob, type Job } from '../../../lifecycle/job.ts'
import { writeCsv } from '../../../sinks/csv.ts'
import { readCsv } from '../../../sources/csv.ts'
import { cleanEmail } from '../../../transforms/clean-email.ts'

/** Loads one object of people into a bucket `silver`. A row with the id `slow` takes its time. */
export function peopleJob(): Job {
  return defineJob({
    name: 'people',
    requiredParams: ['source'],
    extract: ({ params }) => readCsv(params['source'] as string),
    transform: (rows) =>
      rows.withColumn('email', cleanEmail()).mapRows(async (row) => {
        if (row['id'] === 'slow') await sleep(60_000, undefined, { ref: false })
        return row
      }),
    validate: { requiredColumns: ['id'] },
    load: ({ params }) => writeCsv(`s3://silver/people/${basename(params['source'] as string)}`),
  })
}
