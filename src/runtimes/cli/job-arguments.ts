import { SluiceError } from '../../errors.ts'

const VERBS: readonly string[] = ['run', 'load', 'check', 'preview', 'doctor']
const NAME = /^--([A-Z][A-Z0-9_]*)(?:=(.*))?$/s

export interface JobArguments {
  /** The command line without them. */
  readonly rest: readonly string[]
  readonly params: Readonly<Record<string, string>>
}

/**
 * Flags in capitals are arguments of the job, as AWS Glue passes them: `--JOB_NAME x --KEY v` or `--KEY=v`. They
 * become params of the same name.
 */
export function takeJobArguments(argv: readonly string[]): JobArguments {
  const [verb = ''] = argv
  if (!VERBS.includes(verb)) return { rest: argv, params: {} }
  const rest: string[] = []
  const params: Record<string, string> = {}
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string
    if (argument === '--') return { rest: [...rest, ...argv.slice(i)], params }
    const [, name, attached] = NAME.exec(argument) ?? []
    if (name === undefined) rest.push(argument)
    else params[name] = attached ?? given(name, argv[++i])
  }
  return { rest, params }
}

function given(name: string, value: string | undefined): string {
  if (value !== undefined) return value
  throw new SluiceError('usage', `The job argument --${name} needs a value: --${name} VALUE or --${name}=VALUE.`)
}
