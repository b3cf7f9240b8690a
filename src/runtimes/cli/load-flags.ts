import { SluiceError } from '../../errors.ts'
import { defineJob, isMaxRejected, type Job, type MaxRejected } from '../../lifecycle/job.ts'
import type { Untyped } from '../../records/shape.ts'
import { cleanEmail } from '../../transforms/clean-email.ts'
import type { RowStream } from '../../transforms/row-stream.ts'
import { standardizePhone } from '../../transforms/standardize-phone.ts'
import type { CsvFlags } from './csv-flags.ts'
import { fileSink } from './file-sink.ts'
import { fileSource } from './file-source.ts'

export interface LoadFlags extends CsvFlags {
  readonly required: readonly string[]
  readonly unique: readonly string[]
  readonly pattern: readonly string[]
  readonly cleanEmail: readonly string[]
  readonly phone: readonly string[]
  readonly onInvalid: string
  readonly maxRejected?: string
  readonly adopt?: boolean
}

/** The job that the flags of `sluice load` mean. Throws `usage`. */
export function loadJobOf(from: string, to: string, flags: LoadFlags): Job {
  const { onInvalid } = flags
  if (onInvalid !== 'fail' && onInvalid !== 'quarantine') {
    throw usage(`--on-invalid must be fail or quarantine, not "${onInvalid}".`)
  }
  const phones = flags.phone.map(parsePhone)
  const transform = (rows: RowStream<Untyped>) => {
    const cleaned = flags.cleanEmail.reduce((plan, column) => plan.withColumn(column, cleanEmail()), rows)
    return phones.reduce((plan, { column, fn }) => plan.withColumn(column, fn), cleaned)
  }
  return defineJob({
    name: 'load',
    extract: fileSource(from, flags),
    transform,
    validate: {
      requiredColumns: flags.required.flatMap((names) => names.split(',')).filter((name) => name !== ''),
      uniqueColumns: flags.unique.map((names) => (names.includes('+') ? names.split('+') : names)),
      stringPatterns: Object.fromEntries(flags.pattern.map(parsePattern)),
    },
    load: fileSink(to, flags),
    onInvalid,
    ...maxRejected(flags),
  })
}

function parsePattern(pair: string): [column: string, regex: RegExp] {
  const at = pair.indexOf('=')
  if (at < 1) throw usage('--pattern needs a column and a regular expression: --pattern email=REGEX.')
  const source = pair.slice(at + 1)
  try {
    return [pair.slice(0, at), new RegExp(source)]
  } catch (error) {
    const why = (error as Error).message.replace(/^Invalid regular expression: /, '')
    throw usage(`--pattern ${pair.slice(0, at)}: this is no regular expression: ${why}. Mind the quotes of the shell.`)
  }
}

function parsePhone(text: string) {
  const [, column = text, country] = /^(.+):([A-Za-z]{2})$/.exec(text) ?? []
  if (country === undefined && text.includes(':')) {
    throw usage(`--phone ${text}: the country must be two letters, such as --phone ${text.split(':')[0]}:US.`)
  }
  return { column, fn: standardizePhone(country === undefined ? {} : { defaultCountry: country.toUpperCase() }) }
}

function maxRejected({ maxRejected: text, onInvalid }: LoadFlags): { maxRejected?: MaxRejected } {
  if (text === undefined) return {}
  const most = /^\d+$/.test(text) ? Number(text) : text
  if (!isMaxRejected(most)) throw usage(`--max-rejected must be a count or a share such as 5%, not "${text}".`)
  if (onInvalid !== 'quarantine') throw usage('--max-rejected needs --on-invalid quarantine.')
  return { maxRejected: most }
}

function usage(message: string): SluiceError {
  return new SluiceError('usage', message)
}
