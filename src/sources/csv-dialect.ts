import { SluiceError } from '../errors.ts'
import type { Compression } from '../storage/compression.ts'
import type { CsvBytes } from './csv-bytes.ts'

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
  /** How the input is packed; default `auto`: by the name's extension (.gz, .br, .zst), or by what S3 says. */
  readonly compression?: 'auto' | Compression
  /** Accept a file without data rows; default false. */
  readonly allowEmpty?: boolean
}

export const DEFAULT_MAX_RECORD_BYTES: number = 1 << 20

/** The dialect of the options, checked. Throws `job-invalid`. */
export function dialectOf(options: CsvOptions): CsvDialect {
  const { delimiter = ',', quote = '"', comment, encoding = 'utf-8' } = options
  const escapeMark = options.escape ?? (quote === false ? '"' : quote)
  if (quote !== false && !isAscii(quote)) throw invalid('quote', 'one ASCII character, or false for none')
  if (!isAscii(escapeMark)) throw invalid('escape', 'one ASCII character')
  if (/[\r\n]/.test(delimiter + (quote || '') + escapeMark)) throw invalid('delimiter, quote or escape', 'no line end')
  if (quote !== false && delimiter.includes(quote)) throw invalid('delimiter', 'another character than the quote')
  if (!isEncoding(encoding)) throw invalid('encoding', 'a label such as utf-8, latin1, windows-1252 or utf-16le')
  return { delimiter, quote, escape: escapeMark, comment, encoding: new TextDecoder(encoding).encoding }
}

/** The dialect as bytes of UTF-8, into which every other encoding is turned first. */
export function bytesOf({ delimiter, quote, escape: mark, comment }: CsvDialect): CsvBytes {
  const quoteByte = quote === false ? -1 : quote.charCodeAt(0)
  const delimiterBytes = Buffer.from(delimiter)
  const bytes = { delimiter: delimiterBytes[0] as number, quote: quoteByte }
  const simple = delimiterBytes.length === 1 && comment === undefined && (quote === false || mark === quote)
  if (simple) return bytes
  const other = {
    delimiter: delimiterBytes,
    escape: mark.charCodeAt(0),
    comment: comment === undefined ? undefined : Buffer.from(comment),
  }
  return { ...bytes, other }
}

function isAscii(text: string): boolean {
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
