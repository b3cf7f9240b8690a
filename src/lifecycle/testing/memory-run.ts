/**
 * Runs the job that `node memory-run.ts '{…}'` names with the built library, for TypeScript takes memory of its own, and
 * prints the peak of the process. The heap has the flags that the command line gives it.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--semi-space-growth-factor=1')
setFlagsFromString('--no-parallel-scavenge')
setFlagsFromString('--heap-growing-percent=100')
const built = new URL('../../../build/index.js', import.meta.url).href
const { cleanEmail, readCsv, runJob, writeCsv, writeIceberg, writeParquet } = (await import(
  built
)) as typeof import('../../index.ts')
const { input, target, state, partition } = JSON.parse(process.argv[2]!)

const report = await runJob(
  {
    name: 'memory',
    extract: readCsv(input),
    transform: (rows) => rows.withColumn('email', cleanEmail()),
    validate: {
      requiredColumns: ['id', 'email'],
      uniqueColumns: ['id'],
      stringPatterns: { email: /^[a-z0-9.]+@[a-z0-9.]+$/ },
    },
    onInvalid: 'quarantine',
    load: sink(),
  },
  { state },
)
const { status, rows } = report
process.stdout.write(JSON.stringify({ status, rejected: rows.rejected, peak: process.resourceUsage().maxRSS * 1024 }))

function sink() {
  if (target.endsWith('.csv')) return writeCsv(target)
  if (partition === undefined) return writeParquet(target)
  const catalog = { type: 'sql', uri: `file:${target}/catalog.db` } as const
  return writeIceberg('lake.memory.rows', { mode: 'create', catalog, partitionBy: [partition] })
}
