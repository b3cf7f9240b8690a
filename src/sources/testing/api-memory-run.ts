/**
 * Pulls the API that `node api-memory-run.ts '{…}'` names with the built library, for TypeScript takes memory of its
 * own, and prints the peak of the process.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--semi-space-growth-factor=1')
const built = new URL('../../../build/index.js', import.meta.url).href
const { readApi, runJob, writeCsv } = (await import(built)) as typeof import('../../index.ts')
const { url, target, state } = JSON.parse(process.argv[2]!)

const report = await runJob(
  {
    name: 'memory',
    extract: readApi({ url, paginate: { by: 'cursor', path: 'next', param: 'cursor' }, rows: 'data' }),
    validate: { uniqueColumns: ['id'], requiredColumns: ['id'] },
    onInvalid: 'quarantine',
    load: writeCsv(target),
  },
  { state },
)
const { status, rows } = report
process.stdout.write(JSON.stringify({ status, loaded: rows.loaded, peak: process.resourceUsage().maxRSS * 1024 }))
