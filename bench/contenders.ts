import type { FaultRule } from '../src/storage/testing/s3/faults/fault.ts'
import { CLI, PYTHON, ROOT } from './places.ts'

/** A program that does the job of a case as one whole process. */
export interface Contender {
  readonly name: string
  readonly ours: boolean
  /** The program that is given the arguments; Node when nothing is said. */
  readonly command?: string
  args(paths: RunPaths): string[]
  /** It writes what it reads: its output is compared with the input. */
  readonly copies?: true
  /** What S3 does wrong to an input of so many bytes. */
  faults?(bytes: number): readonly FaultRule[]
  /** What it says about its own run, from its standard output. */
  answer(stdout: string, paths: RunPaths): Answer
}

/** Where one run reads and writes; everything but the input is fresh for each run. */
export interface RunPaths {
  readonly input: string
  readonly output: string
  readonly deadLetters: string
  readonly state: string
}

export interface Answer {
  readonly rows: number
  readonly rejected: number
  /** The file of dead letters in JSON lines, when the program names one. */
  readonly deadLetters: string | undefined
}

export function sluice(job: string, name = 'sluice'): Contender {
  return {
    name,
    ours: true,
    args: ({ input, output, state }) => [
      ...[CLI, 'run', `${ROOT}/bench/jobs/${job}.ts`, '--param', `input=${input}`, '--param', `output=${output}`],
      ...['--json', '--state', state],
    ],
    answer(stdout) {
      const { rows, dead_letters } = JSON.parse(stdout)
      return { rows: rows.read, rejected: rows.rejected, deadLetters: deadLettersOf(dead_letters) }
    },
  }
}

/** The reading of the input is broken off so many times. */
export function sluiceWithResets(resets: number): Contender {
  return {
    ...sluice('reference', `sluice, ${resets} resets`),
    faults: (size) => [
      {
        operation: 'GetObject',
        key: 'in.csv',
        times: resets,
        fault: { kind: 'resetAfter', bytes: Math.floor(size / (resets + 1)) },
      },
    ],
  }
}

export function plainCopy(): Contender {
  return {
    name: 'plain copy',
    ours: false,
    copies: true,
    args: ({ input, output }) => [`${ROOT}/bench/peers/s3-copy.ts`, '--input', input, '--output', output],
    answer: () => ({ rows: 0, rejected: 0, deadLetters: undefined }),
  }
}

export function handwritten(onInvalid: 'fail' | 'quarantine' = 'fail'): Contender {
  return peer('handwritten', onInvalid)
}

export function duckdb(onInvalid: 'fail' | 'quarantine' = 'fail'): Contender {
  return peer('duckdb', onInvalid)
}

export function toParquet(): Contender {
  return sluice('to-parquet')
}

export function handwrittenParquet(): Contender {
  return { ...peer('handwritten-parquet', 'fail'), name: 'csv-parse and parquetjs-lite' }
}

export function duckdbParquet(): Contender {
  return { ...peer('duckdb-parquet', 'fail'), name: 'duckdb' }
}

export function toTable(): Contender {
  return sluice('to-table')
}

/** Into 16 partitions, each of which has rows in every part of the input. */
export function partitioned(): Contender {
  const { args, ...rest } = sluice('to-table', 'sluice, 16 partitions')
  return { ...rest, args: (paths) => [...args(paths), '--param', 'partition=bucket(16, customer_id)'] }
}

export function pyIceberg(): Contender {
  return {
    name: 'pyiceberg',
    ours: false,
    command: PYTHON,
    args: ({ input, output }) => [`${ROOT}/bench/peers/pyiceberg-append.py`, '--input', input, '--output', output],
    answer: (stdout) => ({ ...JSON.parse(stdout), deadLetters: undefined }),
  }
}

function peer(name: string, onInvalid: string): Contender {
  return {
    name,
    ours: false,
    args: ({ input, output, deadLetters }) => [
      ...[`${ROOT}/bench/peers/${name}.ts`, '--input', input, '--output', output],
      ...['--dead-letters', deadLetters, '--on-invalid', onInvalid],
    ],
    answer: (stdout, { deadLetters }) => ({ ...JSON.parse(stdout), deadLetters }),
  }
}

/** The report names the file or describes it. */
function deadLettersOf(reported: unknown): string | undefined {
  if (typeof reported === 'string') return reported
  const path = (reported as { path?: unknown } | null | undefined)?.path
  return typeof path === 'string' ? path : undefined
}
