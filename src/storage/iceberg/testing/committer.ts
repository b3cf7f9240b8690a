// A process that prepares a commit, leaves it as a journal does, and makes it: `committer.ts <catalog> <run id> <mode> <file>`.
import { writeFileSync } from 'node:fs'
import { icebergTarget } from '../iceberg-target.ts'
import type { WriteMode } from '../table-commit.ts'
import { row, TableScene } from './table-scene.ts'

const [catalog = '', runId = '', mode = 'append', file = ''] = process.argv.slice(2)
const scene = new TableScene('lake.silver.customers', () => JSON.parse(catalog))
const output = await scene.prepared(runId, { mode: mode as WriteMode, rows: [row(1), row(2)] })
writeFileSync(file, JSON.stringify(output))
process.stdout.write('prepared\n')
await icebergTarget().commit(output)
process.stdout.write('committed\n')
