/** A process that runs a job into a table again and again: `node iceberg-racer.ts '{ "uri": …, "name": …, "runs": … }'`. */
import { writeIceberg } from '../../sinks/iceberg.ts'
import { readRows } from '../../sources/rows.ts'
import { defineJob } from '../job.ts'
import { runJob } from '../run.ts'

const { uri, state, name, runs } = JSON.parse(process.argv[2]!)
for (let run = 0; run < runs; run++) {
  const job = defineJob({
    name: 'race',
    extract: readRows([{ run: `${name}-${run}` }]),
    load: writeIceberg('lake.silver.customers', { catalog: { type: 'sql', uri } }),
  })
  await runJob(job, { state, runId: `${name}-${run}` })
}
