import { checkOptions, type OptionCheck, type OptionChecks, TEXT, wholeNumber } from '../config/check-options.ts'
import type { RunContext } from '../context.ts'
import { SluiceError } from '../errors.ts'
import type { Shape, Untyped } from '../records/shape.ts'
import type { GatherStep } from './gather.ts'
import type { RowStream } from './row-stream.ts'
import { duckdbModule } from './sql/duckdb-module.ts'
import { runQuery } from './sql/query-process.ts'

/** A source, such as `readCsv(…)`. */
export interface SqlInput {
  readonly description: Readonly<Record<string, unknown>>
  plan(context: RunContext): Promise<unknown>
}

export interface SqlOptions {
  /** Other sources, which the query sees as tables of these names beside `input`. */
  readonly inputs?: Readonly<Record<string, SqlInput>>
  /** What the query may hold in memory before it spills to disk; default `256MB`. Its process takes about 115 MiB more, and is
   * stopped when it takes 256 MB more. */
  readonly memory?: string
  /** Default 1. More are faster, and leave open in which order sums of doubles are added up and equal keys stand. */
  readonly threads?: number
}

/**
 * Makes rows by a query of DuckDB's SQL, such as `select country, count(*) as customers from input group by country`. The
 * rows until here are the table `input`; those of the result go on, ordered by all columns unless the query orders them.
 *
 * Needs the package `@duckdb/node-api`. The query runs in a process of its own, without access to files and network.
 *
 * @throws SluiceError `job-invalid` for options that make no sense, `environment-unavailable` without the package.
 */
export function sql<U extends Shape = Untyped>(
  query: string,
  options: SqlOptions = {},
): <T extends Shape>(rows: RowStream<T>) => RowStream<U> {
  const step = sqlStep(query, options)
  return (rows) => rows.apply(step)
}

function sqlStep(query: string, options: SqlOptions): GatherStep {
  if (!TEXT.accepts(query)) throw new SluiceError('job-invalid', 'sql: the query must be a text.')
  checkOptions<SqlOptions>('sql', options, OPTIONS)
  const { inputs = {}, memory: size = '256MB', threads = 1 } = options
  const memory = megabytes(size) as number
  const module = duckdbModule()
  return {
    name: 'sql',
    effect: 'gather',
    description: { verb: 'sql', query, threads, inputs: Object.entries(inputs).map(describe) },
    inputs,
    gather: (tables, output, context) => runQuery({ module, query, tables, output, memory, threads }, context),
  }
}

function describe([name, source]: readonly [string, SqlInput]): readonly unknown[] {
  return [name, source?.description]
}

/** Undefined for what is no size, or too small a one for DuckDB to work with. */
function megabytes(size: unknown): number | undefined {
  const [, amount, unit] = /^(\d{1,6})(MB|GB)$/.exec(String(size)) ?? []
  const found = Number(amount) * (unit === 'GB' ? 1000 : 1)
  return found >= 64 ? found : undefined
}

const MEMORY: OptionCheck = {
  wanted: 'a size such as "512MB" or "2GB", of 64MB or more',
  accepts: (value) => megabytes(value) !== undefined,
}

const OPTIONS: OptionChecks<SqlOptions> = {
  inputs: { wanted: 'an object of sources by name', accepts: (value) => typeof value === 'object' && value !== null },
  memory: MEMORY,
  threads: wholeNumber(1, 1024),
}
