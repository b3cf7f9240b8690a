import { writeCsv } from '../../sinks/csv.ts'
import { writeParquet } from '../../sinks/parquet.ts'
import type { Sink } from '../../sinks/sink.ts'
import { isParquet } from './is-parquet.ts'

/** What a path on the command line becomes: Parquet when it is named so, else CSV. */
export function fileSink(path: string, { adopt }: { readonly adopt?: boolean }): Sink {
  const options = adopt === undefined ? {} : { adopt }
  return isParquet(path) ? writeParquet(path, options) : writeCsv(path, options)
}
