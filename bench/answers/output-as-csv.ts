import { execFileSync } from 'node:child_process'
import { DuckDBInstance } from '@duckdb/node-api'
import { PYTHON, ROOT } from '../places.ts'

/** The rows of an output as a CSV file beside it: what answers are compared by. Returns its path. */
export async function outputAsCsv(output: string, format: 'parquet' | 'table' | undefined): Promise<string> {
  if (format === undefined) return output
  const csv = `${output}.csv`
  await copyToCsv(format === 'parquet' ? `FROM '${output}'` : rowsOfTable(output), csv)
  return csv
}

/** A table has no order of its own; the input is in the order of its ids. */
function rowsOfTable(folder: string): string {
  const script = `${ROOT}/bench/answers/table-files.py`
  const files: string[] = JSON.parse(`${execFileSync(PYTHON, [script, folder])}`)
  const list = files.map((file) => `'${file}'`).join()
  return `FROM read_parquet([${list}], hive_partitioning = false) ORDER BY customer_id::BIGINT`
}

async function copyToCsv(query: string, csv: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '2GB' })
  const connection = await instance.connect()
  try {
    await connection.run(`COPY (${query}) TO '${csv}' (FORMAT csv, HEADER)`)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
