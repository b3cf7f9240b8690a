/**
 * Runs a real job through `runJob`, so that tests can kill it: `node real-run.ts '{…}'`. Prints what came of it as
 * JSON. Or recovers, as the command line does.
 */
import { existsSync, writeFileSync } from 'node:fs'
import type { RunEvent } from '../../context.ts'
import { SluiceError } from '../../errors.ts'
import { writeCsv } from '../../sinks/csv.ts'
import { type WriteIcebergOptions, writeIceberg } from '../../sinks/iceberg.ts'
import { writeParquet } from '../../sinks/parquet.ts'
import type { Sink } from '../../sinks/sink.ts'
import { readCsv } from '../../sources/csv.ts'
import { cleanEmail } from '../../transforms/clean-email.ts'
import { defineJob, type Job } from '../job.ts'
import { silentLogger } from '../logger.ts'
import { recover } from '../recovery.ts'
import type { RunReport } from '../report.ts'
import { type RunOptions, runJob } from '../run.ts'
import { stateDirectory } from '../state-directory.ts'

export interface RealRun {
  readonly mode?: 'run' | 'recover'
  /** A file or a directory. */
  readonly input: string
  readonly target: string
  readonly state: string
  readonly runId: string
  readonly deadLetters?: string
  readonly onInvalid?: 'fail' | 'quarantine'
  readonly memoryBudget?: number
  /** Default: CSV. */
  readonly format?: 'parquet'
  /** Then the target is a table; small files, many of them. */
  readonly iceberg?: WriteIcebergOptions
  /** At this event the file `ready` is made and the file `go` awaited. */
  readonly hold?: { readonly at: RunEvent['type']; readonly ready: string; readonly go: string }
  /** Aborts the run so many milliseconds after its begin. */
  readonly abortAfter?: number
}

/** Quarantine with row rules, uniqueness (late rejects) and a transform on bytes. */
export function realJob(run: RealRun): Job {
  const { input, deadLetters, onInvalid = 'quarantine', memoryBudget } = run
  return defineJob({
    name: 'real',
    extract: readCsv(input),
    transform: (rows) => rows.withColumn('email', cleanEmail()),
    validate: {
      requiredColumns: ['id', 'email'],
      uniqueColumns: ['id'],
      stringPatterns: { email: /^[a-z0-9.]+@[a-z0-9.]+$/ },
    },
    onInvalid,
    ...(deadLetters === undefined ? {} : { deadLetters }),
    ...(memoryBudget === undefined ? {} : { memoryBudget }),
    load: loadOf(run),
  })
}

function loadOf({ target, format, iceberg }: RealRun): Sink {
  const small = { rowGroupRows: 100, fileBytes: 3000 }
  if (iceberg !== undefined) return writeIceberg(target, { ...small, ...iceberg })
  return format === 'parquet' ? writeParquet(target, small) : writeCsv(target)
}

export function runReal(run: RealRun, more: RunOptions = {}): Promise<RunReport> {
  const { state, runId, hold } = run
  const onEvent = (event: RunEvent) => {
    more.onEvent?.(event)
    if (event.type === hold?.at) waitAt(hold)
  }
  return runJob(realJob(run), { state, runId, ...more, onEvent })
}

/** Blocks the whole thread: the run must not go on. */
function waitAt({ ready, go }: NonNullable<RealRun['hold']>): void {
  writeFileSync(ready, '')
  const cell = new Int32Array(new SharedArrayBuffer(4))
  while (!existsSync(go)) Atomics.wait(cell, 0, 0, 2)
}

async function play(run: RealRun): Promise<unknown> {
  if (run.mode === 'recover') return recover({ state: stateDirectory(run.state), log: silentLogger })
  const abort = new AbortController()
  if (run.abortAfter !== undefined) setTimeout(() => abort.abort(), run.abortAfter).unref()
  return (await runReal(run, { signal: abort.signal })).toJSON()
}

async function main(run: RealRun): Promise<void> {
  // To a stream target stdout is data.
  const talk = run.target === '-' && run.mode !== 'recover' ? process.stderr : process.stdout
  try {
    talk.write(JSON.stringify(await play(run)))
  } catch (error) {
    const { code, message, exitCode, report } = error as SluiceError
    talk.write(JSON.stringify({ thrown: code ?? 'foreign', exitCode, message, report }))
    if (!(error instanceof SluiceError)) throw error
  }
}

if (import.meta.main) await main(JSON.parse(process.argv[2]!))
