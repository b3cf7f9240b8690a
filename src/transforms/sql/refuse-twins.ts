import type { DuckDBConnection } from '@duckdb/node-api'
import type { StagedTable } from '../gather.ts'
import { ResultError } from './result-columns.ts'

/** DuckDB would give the second of two names that differ in case alone another one. Throws `ResultError`. */
export async function refuseTwins(connection: DuckDBConnection, { name, files }: StagedTable): Promise<void> {
  const [file = ''] = files
  const query = `select name from parquet_schema('${file.replaceAll("'", "''")}') where num_children is null`
  const known = new Map<string, string>()
  for (const [column] of (await connection.runAndReadAll(query)).getRows()) {
    const twin = known.get(String(column).toLowerCase())
    if (twin !== undefined) {
      throw new ResultError(
        `the columns "${twin}" and "${column}" of ${name} differ in upper and lower case alone, which does not count in queries: rename one, or leave it out`,
      )
    }
    known.set(String(column).toLowerCase(), String(column))
  }
}
