import { SluiceError } from '../../errors.ts'
import type { CsvOptions } from '../../sources/csv-dialect.ts'
import { wholeNumber } from './flags.ts'

/** The options of `readCsv` as flags. */
export interface CsvFlags {
  readonly delimiter?: string
  readonly quote?: string
  readonly escape?: string
  readonly encoding?: string
  readonly header: boolean
  readonly skipLines?: string
  readonly allowEmpty?: boolean
}

export function csvOptions(flags: CsvFlags): CsvOptions {
  const { delimiter, quote, encoding, header, skipLines, allowEmpty } = flags
  return {
    ...(delimiter === undefined ? {} : { delimiter: delimiter.replaceAll('\\t', '\t') }),
    ...(quote === undefined ? {} : { quote: quote === 'none' ? false : quote }),
    ...(flags.escape === undefined ? {} : { escape: flags.escape }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(header ? {} : { header }),
    ...(skipLines === undefined ? {} : { skipLines: wholeNumber('--skip-lines', skipLines, 0) }),
    ...(allowEmpty === undefined ? {} : { allowEmpty }),
  }
}

/** Where none of them has a meaning. Throws `usage`, with the flag and why. */
export function refuseCsvFlags(given: CsvOptions, why: string): void {
  const [wrong] = Object.keys(given)
  if (wrong === undefined) return
  const flag = `--${wrong === 'header' ? 'no-' : ''}${wrong.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  throw new SluiceError('usage', `${flag} ${why}.`)
}
