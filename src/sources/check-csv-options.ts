import {
  BOOLEAN,
  COLUMN_NAMES,
  checkOptions,
  type OptionChecks,
  oneOf,
  TEXT,
  wholeNumber,
} from '../config/check-options.ts'
import type { CsvOptions } from './csv-dialect.ts'
import { isObjectSchema } from './csv-schema.ts'

/** What `readCsv` gets must be options that it has, with values of the right kind. Throws `job-invalid`. */
export function checkCsvOptions(options: CsvOptions & { readonly schema?: unknown }): void {
  checkOptions<CsvOptions & { readonly schema?: unknown }>('readCsv', options, OPTIONS)
}

const OPTIONS: OptionChecks<CsvOptions & { readonly schema?: unknown }> = {
  delimiter: TEXT,
  quote: { wanted: 'one ASCII character, or false for none', accepts: (value) => value === false || isText(value) },
  escape: TEXT,
  comment: TEXT,
  encoding: TEXT,
  header: {
    wanted: 'true, false or an array of column names, each once and none of them empty',
    accepts: (value) => typeof value === 'boolean' || COLUMN_NAMES.accepts(value),
  },
  skipLines: wholeNumber(0),
  missingValues: {
    wanted: "an array of texts, such as ['', 'NA']",
    accepts: (value) => Array.isArray(value) && value.every(isText),
  },
  // A batch must fit into the shared memory, with all that is made of it.
  maxRecordBytes: wholeNumber(1, 1 << 28),
  compression: oneOf('auto', 'none', 'gzip', 'brotli', 'zstd'),
  allowEmpty: BOOLEAN,
  schema: { wanted: 'a zod object, such as z.object({ id: z.string() })', accepts: isObjectSchema },
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
