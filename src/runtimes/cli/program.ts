import { Command, CommanderError } from 'commander'
import { VERSION } from '../../config/version.ts'
import { SluiceError } from '../../errors.ts'

type Params = Readonly<Record<string, string>>

/** Parses the command line and carries it out. Returns the exit code; throws `usage`. */
export async function parseCommand(argv: readonly string[], params: Params): Promise<number> {
  let exitCode = 0
  const program = buildProgram(params, (code) => {
    exitCode = code
  })
  if (argv.length === 0) {
    process.stderr.write(program.helpInformation())
    return 2
  }
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // A verb of verbs without one: its help has been written.
    if (error.code === 'commander.help') return 2
    if (error.exitCode !== 0) throw usage(error, argv[0])
  }
  return exitCode
}

function buildProgram(params: Params, end: (exitCode: number) => void): Command {
  const program = new Command('sluice')
    .description('ETL jobs that validate every row before any row becomes visible.')
    .version(VERSION, '--version')
    .helpCommand(false)
    .exitOverride()
    // Errors are told by us, in one line.
    .configureOutput({ outputError: () => {} })
  const verb = (usage: string, description: string) => program.command(usage).description(description)

  runFlags(verb('run <job.ts>', 'run a job: extract, transform, validate, load'))
    .option('--dry-run', 'stage and judge everything, commit nothing')
    .action(async (path, flags) => end(await (await import('./verbs/run.ts')).run(path, flags, params)))

  csvFlags(runFlags(verb('load <from> <to>', 'load CSV or Parquet without a job file; - is stdin or stdout')))
    .option('--dry-run', 'stage and judge everything, commit nothing')
    .option('--required <columns>', 'columns whose cells must not be empty: a,b', collect, [])
    .option('--unique <columns>', 'a column without duplicates, or several together: a+b', collect, [])
    .option('--pattern <column=regex>', 'what the whole value must match', collect, [])
    .option('--clean-email <column>', 'bring e-mail addresses into one spelling', collect, [])
    .option('--phone <column:country>', 'bring phone numbers into E.164', collect, [])
    .option('--on-invalid <what>', 'fail, or quarantine the rejected rows and load the others', 'fail')
    .option('--max-rejected <n>', 'with quarantine: the most rows that may be rejected, N or N%')
    .option('--adopt', 'take over a directory that Sluice did not write')
    .action(async (from, to, flags) => end(await (await import('./verbs/load.ts')).load(from, to, flags, params)))

  runFlags(verb('check <job.ts>', 'extract, transform and validate everything, load nothing')).action(
    async (path, flags) => end(await (await import('./verbs/check.ts')).check(path, flags, params)),
  )

  csvFlags(jobFlags(verb('preview <job.ts|file|table>', 'show the first rows, of a job after its transforms')))
    .option('-n, --rows <n>', 'how many rows', '20')
    .option('--json', 'one JSON object a line')
    .action(async (path, flags) => end(await (await import('./verbs/preview.ts')).preview(path, flags, params)))

  jobFlags(verb('doctor [job.ts]', 'say what would be used, and check that it is there and permitted'))
    .option('--state <dir>', 'where journal, ledger and audit lie (SLUICE_STATE, ./.sluice)')
    .option('--dlq <path>', LETTERS)
    .option('--json', 'write JSON to stdout')
    .action(async (path, flags) => end(await (await import('./verbs/doctor.ts')).doctor(path, flags, params)))

  stateFlags(verb('recover', 'finish or undo interrupted runs'))
    .option('--target <path>', 'only runs on this target, wherever their state lies')
    .action(async (flags) => end(await (await import('./verbs/recover.ts')).recoverRuns(flags)))

  stateFlags(verb('runs [run-id]', 'list runs, or show the report of one')).action(async (runId, flags) =>
    end(await (await import('./verbs/runs.ts')).runs(runId, flags)),
  )
  dlqVerbs(verb('dlq', 'look at dead letters; they stay where they are').helpCommand(false), end)
  return program
}

function dlqVerbs(dlq: Command, end: (exitCode: number) => void): void {
  const verb = (usage: string, description: string) =>
    stateFlags(dlq.command(usage).description(description)).option('-n, --rows <n>', 'how many letters', '20')
  const about = 'of a path, a run id, s3://… or sqs://…'
  verb('list <where>', `list dead letters ${about}`).action(async (where, flags) =>
    end(await (await import('./verbs/dlq.ts')).listLetters(where, flags)),
  )
  verb('show <where> [letter]', `show records, errors and origins ${about}`).action(async (where, letter, flags) =>
    end(await (await import('./verbs/dlq.ts')).showLetters(where, letter, flags)),
  )
}

function jobFlags(command: Command): Command {
  return placeFlags(command)
    .option('--param <name=value>', 'a parameter of the job', collect, [])
    .option('--verbose', 'show stacks and causes of errors')
}

function runFlags(command: Command): Command {
  return jobFlags(command)
    .option('--threads <n>', '1 or auto')
    .option('--run-id <id>', 'repeat it to get the same result, not a second run')
    .option('--json', 'write the report to stdout as JSON')
    .option('--state <dir>', 'where journal, ledger and audit lie (SLUICE_STATE, ./.sluice)')
    .option('--dlq <path>', LETTERS)
}

function stateFlags(command: Command): Command {
  return placeFlags(command)
    .option('--state <dir>', 'where journal, ledger and audit lie (SLUICE_STATE, ./.sluice)')
    .option('--json', 'write JSON to stdout')
    .option('--verbose', 'show stacks and causes of errors')
}

function placeFlags(command: Command): Command {
  return command
    .option('--env <environment>', 'local (default), dev, staging, prod or one of the configuration (SLUICE_ENV)')
    .option('--config <file>', 'the configuration (SLUICE_CONFIG, ./sluice.config.ts)')
}

function csvFlags(command: Command): Command {
  return command
    .option('--delimiter <text>', 'what separates cells; \\t is a tab')
    .option('--quote <character>', 'what encloses cells, or none')
    .option('--escape <character>', 'what stands before a quote inside quotes')
    .option('--encoding <label>', 'such as utf-8, latin1 or windows-1252')
    .option('--no-header', 'the first record is data; columns are column_1, column_2, …')
    .option('--skip-lines <n>', 'lines before the header')
    .option('--allow-empty', 'accept a file without data rows')
}

const LETTERS = 'where rejected rows go: a file, s3://bucket/prefix/ or sqs://… (SLUICE_DEAD_LETTERS)'

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

/** Commander's words in one line, with the way to help. */
function usage({ message }: CommanderError, verb = ''): SluiceError {
  const text = message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')
  const help = /^[a-z]+$/.test(verb) && !text.startsWith('unknown command') ? `sluice ${verb} --help` : 'sluice --help'
  return new SluiceError('usage', `${text.charAt(0).toUpperCase()}${text.slice(1)}. See \`${help}\`.`)
}
