/**
 * CSV into Parquet with DuckDB: one `COPY`, with one thread, as the job that it is compared with uses one for rows. The
 * dialect is given, not sniffed, and all cells stay text.
 *
 * Prints {"rows", "rejected", "loaded"}.
 */
import { rename } from 'node:fs/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { peerOptions } from './options.ts'

const { input, output } = peerOptions()
const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
const connection = await instance.connect()
const copied = await connection.runAndReadAll(`
  COPY (FROM read_csv('${input}', all_varchar = true, header = true, delim = ',', quote = '"', escape = '"'))
  TO '${output}.new' (FORMAT parquet, COMPRESSION zstd)`)
await rename(`${output}.new`, output)
const rows = Number(copied.getRows()[0]?.[0])
process.stdout.write(`${JSON.stringify({ rows, rejected: 0, loaded: rows })}\n`)
