import { existsSync } from 'node:fs'
import type { Untyped } from '../../records/shape.ts'
import { readIceberg } from '../../sources/iceberg.ts'
import type { Source } from '../../sources/source.ts'
import { type CsvFlags, csvOptions, refuseCsvFlags } from './csv-flags.ts'

/** The table that a word of the command line names; undefined when it names a file. Throws `usage`. */
export function tableSource(word: string, flags: CsvFlags): Source<Untyped> | undefined {
  if (!namesTable(word)) return undefined
  refuseCsvFlags(csvOptions(flags), `is for files, and ${word} is a table`)
  return readIceberg(word)
}

/** Such as `lake.silver.orders`: no file has this name, nor does it end as files do. */
function namesTable(word: string): boolean {
  const parts = word.split('.')
  const named = parts.length > 2 && parts.every((part) => /^[\p{L}\p{M}\p{N}_-]+$/u.test(part))
  return named && !ENDINGS.has((parts.at(-1) as string).toLowerCase()) && !existsSync(word)
}

/** A file that is missing is not to be looked for in a catalog. */
const ENDINGS: ReadonlySet<string> = new Set(['csv', 'tsv', 'psv', 'txt', 'dat', 'gz', 'zst', 'br', 'parquet', 'json'])
