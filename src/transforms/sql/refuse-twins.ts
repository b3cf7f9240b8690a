import type { DuckDBConnection } from '@duckdb/node-api'
import { caseTwins } from '../../records/case-twins.ts'
import type { StagedTable } from '../gather.ts'
import { ResultError } from './result-columns.ts'

/** DuckDB would give the second of two names that differ in case alone another one. Throws `ResultError`. */
export async function refuseTwins(connection: DuckDBConnection, { name, files }: StagedTable): Promise<void> {
  const [file = ''] = files
  const query = `select name from parquet_schema('${file.replaceAll("'", "''")}') where num_children is null`
  const columns = (await connection.runAndReadAll(query)).getRows().map(([column]) => String(column))
  const twins = caseTwins(columns)
  if (twins === undefined) return
  throw new ResultError(
    `the columns "${twins[0]}" and "${twins[1]}" of ${name} differ in upper and lower case alone, which does not count in queries: rename one, or leave it out`,
  )
}
