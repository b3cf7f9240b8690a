/**
 * Loads the Parquet files that `node parquet-memory-run.ts '{…}'` names with the built library, for TypeScript takes memory
 * of its own, and prints the peak of the process.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--semi-space-growth-factor=1')
setFlagsFromString('--heap-growing-percent=100')
const built = new URL('../../../build/index.js', import.meta.url).href
const { readParquet, runJob, writeCsv } = (await import(built)) as typeof import('../../index.ts')
const { input, target, state } = JSON.parse(process.argv[2] as string)

const report = await runJob({ name: 'memory', extract: readParquet(input), load: writeCsv(target) }, { state })
const { status, rows } = report
process.stdout.write(JSON.stringify({ status, loaded: rows.loaded, peak: process.resourceUsage().maxRSS * 1024 }))
