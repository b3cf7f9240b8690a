import type { Untyped } from '../../records/shape.ts'
import { readCsv } from '../../sources/csv.ts'
import { readParquet } from '../../sources/parquet.ts'
import type { Source } from '../../sources/source.ts'
import { type CsvFlags, csvOptions, refuseCsvFlags } from './csv-flags.ts'
import { isParquet } from './is-parquet.ts'

/** What a path on the command line is: Parquet when it is named so, else CSV. Throws `usage`. */
export function fileSource(path: string, flags: CsvFlags): Source<Untyped> {
  const options = csvOptions(flags)
  if (!isParquet(path)) return readCsv(path, options)
  const { allowEmpty, ...ofCsv } = options
  refuseCsvFlags(ofCsv, `is for CSV, and ${path} is Parquet`)
  return readParquet(path, allowEmpty === undefined ? {} : { allowEmpty })
}
