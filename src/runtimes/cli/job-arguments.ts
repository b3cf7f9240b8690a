import { SluiceError } from '../../errors.ts'

const VERBS: readonly string[] = ['run', 'load', 'check', 'preview', 'doctor']
/** Glue's own two are not in capitals. */
const NAME = /^--([A-Z][A-Z0-9_]*|TempDir|RedshiftTempDir)(?:=(.*))?$/s
/** What Glue passes to every script for its own use. A script that asks for one of them by name is refused there. */
const RESERVED =
  /^--(JOB_ID|JOB_RUN_ID|SECURITY_CONFIGURATION|job-bookmark-(?:option|from|to)|continuation-option|encryption-type)(?:=(.*))?$/s

export interface JobArguments {
  /** The command line without them. */
  readonly rest: readonly string[]
  readonly params: Readonly<Record<string, string>>
}

/**
 * Flags in capitals are arguments of the job, as AWS Glue passes them: `--JOB_NAME x --KEY v` or `--KEY=v`. They
 * become params of the same name; those that Glue reserves for itself are taken and left out.
 */
export function takeJobArguments(argv: readonly string[]): JobArguments {
  const [verb = ''] = argv
  if (!VERBS.includes(verb)) return { rest: argv, params: {} }
  const rest: string[] = []
  const params: Record<string, string> = {}
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string
    if (argument === '--') return { rest: [...rest, ...argv.slice(i)], params }
    const reserved = RESERVED.exec(argument)
    const [, name, attached] = reserved ?? NAME.exec(argument) ?? []
    if (name === undefined) {
      rest.push(argument)
      continue
    }
    const value = attached ?? given(name, argv[++i])
    if (reserved === null) params[name] = value
  }
  return { rest, params }
}

/** As in Glue, what looks like another argument is no value. */
function given(name: string, value: string | undefined): string {
  if (value !== undefined && !/^--[A-Za-z]/.test(value)) return value
  throw new SluiceError('usage', `The job argument --${name} needs a value: --${name} VALUE or --${name}=VALUE.`)
}
