/**
 * Runs a job whose letters go to an address and whose end is told to a web server, so that tests can kill it:
 * `node remote-run.ts '{…}'`. Prints what modules were loaded, and what came of the run.
 */
import { registerHooks } from 'node:module'
import type { Job } from '../job.ts'

export interface RemoteRun {
  readonly input: string
  readonly target: string
  readonly state: string
  readonly runId: string
  readonly deadLetters?: string
  readonly notify?: readonly string[]
}

async function main({ input, target, state, runId, deadLetters, notify }: RemoteRun): Promise<void> {
  const loaded: string[] = []
  registerHooks({
    load: (url, context, next) => {
      loaded.push(url)
      return next(url, context)
    },
  })
  // Loaded behind the hooks, which are to see it.
  const { runJob } = await import('../run.ts')
  const { readCsv } = await import('../../sources/csv.ts')
  const { writeCsv } = await import('../../sinks/csv.ts')
  const job = {
    name: 'remote',
    extract: readCsv(input),
    validate: { stringPatterns: { v: /\d+/ } },
    onInvalid: 'quarantine',
    load: writeCsv(target),
    ...(deadLetters === undefined ? {} : { deadLetters }),
    ...(notify === undefined ? {} : { notify }),
  } as Job
  const report = await runJob(job, { state, runId }).catch((error) => error.report)
  const aws = loaded.filter((url) => /@aws-sdk|@smithy/.test(url))
  process.stdout.write(JSON.stringify({ report: report.toJSON(), modules: loaded.length, aws: aws.length }))
}

if (import.meta.main) await main(JSON.parse(process.argv[2]!))
