import { DuckDBInstance } from '@duckdb/node-api'

/** The rows of a Parquet file, in their order, as CSV: what answers are compared by. */
export async function parquetAsCsv(path: string, csv: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '2GB' })
  const connection = await instance.connect()
  try {
    await connection.run(`COPY (FROM '${path}') TO '${csv}' (FORMAT csv, HEADER)`)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
