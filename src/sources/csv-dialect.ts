import { SluiceError } from '../errors.ts'

/** How a CSV text is written. All of it is part of each dead letter, so that its raw bytes can be read again. */
export interface CsvDialect {
  /** One or more characters; default `,`. */
  readonly delimiter: string
  /** One character, or false where quotes mean nothing; default `"`. */
  readonly quote: string | false
  /** What stands before a quote inside quotes; default the quote itself. */
  readonly escape: string
  /** Lines that start with this are no records; default none. */
  readonly comment: string | undefined
  /** A label of the WHATWG Encoding Standard; default `utf-8`. */
  readonly encoding: string
}

export interface CsvOptions extends Partial<Omit<CsvDialect, 'comment'>> {
  readonly comment?: string
  /** True: the first record names the columns. False: they are named column_1, column_2, … Default true. */
  readonly header?: boolean | readonly string[]
  /** Physical lines to skip before the header; default 0. */
  readonly skipLines?: number
  /** Texts that mean null; default `['']`. */
  readonly missingValues?: readonly string[]
  /** Bytes. A longer record is a dead letter with `line-too-long`; default 1 MiB. */
  readonly maxRecordBytes?: number
  /** Accept a file without data rows; default false. */
  readonly allowEmpty?: boolean
}

export const DEFAULT_MAX_RECORD_BYTES: number = 1 << 20

/** The dialect of the options, checked. Throws `job-invalid`. */
export function dialectOf(options: CsvOptions): CsvDialect {
  const { delimiter = ',', quote = '"', comment, encoding = 'utf-8' } = options
  const escapeMark = options.escape ?? (quote === false ? '"' : quote)
  if (delimiter.length === 0) throw invalid('delimiter', 'at least one character')
  if (quote !== false && quote.length !== 1) throw invalid('quote', 'one character, or false for none')
  if (escapeMark.length !== 1) throw invalid('escape', 'one character')
  if (comment === '') throw invalid('comment', 'at least one character')
  if (/[\r\n]/.test(delimiter + (quote || '') + escapeMark)) throw invalid('delimiter, quote or escape', 'no line end')
  if (delimiter === quote) throw invalid('delimiter', 'another character than the quote')
  if (!isEncoding(encoding)) throw invalid('encoding', 'a label such as utf-8, latin1, windows-1252 or utf-16le')
  return { delimiter, quote, escape: escapeMark, comment, encoding: new TextDecoder(encoding).encoding }
}

/** The bytes by which the kernels scan, or undefined when the dialect is not theirs. */
export function scannable(dialect: CsvDialect): { readonly delimiter: number; readonly quote: number } | undefined {
  const { delimiter, quote, comment, encoding } = dialect
  const simple = encoding === 'utf-8' && comment === undefined && (quote === false || dialect.escape === quote)
  if (!simple || !isByte(delimiter) || (quote !== false && !isByte(quote))) return undefined
  return { delimiter: delimiter.charCodeAt(0), quote: quote === false ? -1 : quote.charCodeAt(0) }
}

function isByte(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 128
}

function isEncoding(label: string): boolean {
  try {
    new TextDecoder(label)
    return true
  } catch {
    return false
  }
}

function invalid(option: string, wanted: string): SluiceError {
  return new SluiceError('job-invalid', `readCsv: ${option} must be ${wanted}.`, { context: { option } })
}
