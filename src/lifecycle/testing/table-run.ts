/** Runs a job from a table to a table in a process of its own: `node table-run.ts '{…}'`. */
import type { CatalogConfig } from '../../config/catalog-config.ts'
import { writeIceberg } from '../../sinks/iceberg.ts'
import { lastCommitted } from '../../sources/iceberg/options.ts'
import { readIceberg } from '../../sources/iceberg.ts'
import { defineJob } from '../job.ts'
import { runJob } from '../run.ts'

export interface TableRun {
  readonly from: string
  readonly to: string
  readonly catalog: CatalogConfig
  readonly state: string
}

export async function passOn({ from, to, catalog, state }: TableRun, mode: 'append' | 'create' = 'append') {
  const job = defineJob({
    name: 'pass-on',
    extract: readIceberg(from, { catalog, since: lastCommitted }),
    load: writeIceberg(to, { catalog, mode }),
  })
  return await runJob(job, { state })
}

if (import.meta.main) await passOn(JSON.parse(process.argv[2] as string))
