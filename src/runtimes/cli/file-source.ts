import { SluiceError } from '../../errors.ts'
import type { Untyped } from '../../records/shape.ts'
import { readCsv } from '../../sources/csv.ts'
import { readParquet } from '../../sources/parquet.ts'
import type { Source } from '../../sources/source.ts'
import { type CsvFlags, csvOptions } from './csv-flags.ts'
import { isParquet } from './is-parquet.ts'

/** What a path on the command line is: Parquet when it is named so, else CSV. Throws `usage`. */
export function fileSource(path: string, flags: CsvFlags): Source<Untyped> {
  const options = csvOptions(flags)
  if (!isParquet(path)) return readCsv(path, options)
  const { allowEmpty, ...ofCsv } = options
  const [wrong] = Object.keys(ofCsv)
  if (wrong === undefined) return readParquet(path, allowEmpty === undefined ? {} : { allowEmpty })
  const flag = `--${wrong === 'header' ? 'no-' : ''}${wrong.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  throw new SluiceError('usage', `${flag} is for CSV, and ${path} is Parquet.`)
}
