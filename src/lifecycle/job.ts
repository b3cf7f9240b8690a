import { unknownName } from '../config/check-options.ts'

import type { PlaceOptions } from '../config/datasets.ts'

import type { Environment } from '../context.ts'
import { SluiceError } from '../errors.ts'
import type { Shape } from '../records/shape.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Source } from '../sources/source.ts'
import type { RowStream } from '../transforms/row-stream.ts'
import type { Rules } from '../validation/rules.ts'
import type { Notify } from './notifications/notifiers.ts'
import type { ReadDataset } from './read-dataset.ts'

/** What the functions of a job may know of the run. */
export interface JobContext {
  readonly environment: Environment
  /** `--param key=value`. */
  readonly params: Readonly<Record<string, string>>
  readonly runId: string
  /** The location of a dataset in this environment; locally `fixtures/<name>.csv`. Layer `bronze`, unless configured. */
  dataset(name: string, options?: PlaceOptions): string
  /** Where a dataset is written in this environment; locally `dist/local_output/<name>/`. Layer `silver`. */
  target(name: string, options?: PlaceOptions): string
  /** A source of the dataset: the configuration says in which format it lies, and how it is read. */
  readonly readDataset: ReadDataset
}

/** How many rows may be rejected before a quarantining run is refused: a count, or a share of the rows read. */
export type MaxRejected = number | `${number}%`

/** All of a job but what depends on the row that reaches the sink. */
interface JobOptions<T extends Shape> {
  /** Letters, digits, `.`, `_` and `-`. */
  readonly name: string
  readonly extract: Source<T> | ((context: JobContext) => Source<T>)
  /** `fail` (default): one rejected row refuses the run. `quarantine`: rejected rows stay out, the others commit. */
  readonly onInvalid?: 'fail' | 'quarantine'
  /** Only with `quarantine`; default unlimited. */
  readonly maxRejected?: MaxRejected
  /**
   * Where rejected rows go: a file to which they are appended, `s3://bucket/prefix/` or a queue of SQS; default one file
   * per run in the state directory.
   */
  readonly deadLetters?: string | ((context: JobContext) => string)
  /** Who is told how a run ended: `sns(…)`, `webhook(…)`, or a list of those. It never changes how it ended. */
  readonly notify?: Notify | ((context: JobContext) => Notify)
  /** Bytes that uniqueness may hold in memory before it spills to disk: from 1 to 256 MiB, default 16 MiB. */
  readonly memoryBudget?: number
}

/** What happens to rows `U` at the end. */
interface JobEnd<U extends Shape> {
  readonly validate?: Rules<U> | ((context: JobContext) => Rules<U>)
  readonly load: Sink<U> | ((context: JobContext) => Sink<U>)
}

/** A job as it is written: rows `T` come from the source, rows `U` go to the sink. */
export interface JobDefinition<T extends Shape, U extends Shape> extends JobOptions<T>, JobEnd<NoInfer<U>> {
  readonly transform: (rows: RowStream<T>, context: JobContext) => RowStream<U>
}

/** A job without transforms. */
export interface PlainJobDefinition<T extends Shape> extends JobOptions<T>, JobEnd<NoInfer<T>> {
  readonly transform?: never
}

/** A checked job. `U` is the row that reaches the sink. */
// biome-ignore lint/suspicious/noExplicitAny: rules and sinks are contravariant in the row, which a plain job does not name
export interface Job<U extends Shape = Shape> extends JobOptions<any>, JobEnd<any> {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly transform?: (rows: RowStream<any>, context: JobContext) => RowStream<any>
  /** Carries the row type; never there at run time. */
  readonly row?: U
}

/**
 * Defines a job: extract, transform, validate, load. Nothing runs until `runJob` or `sluice run`.
 *
 * @throws SluiceError `job-invalid` when something is missing or of the wrong kind.
 */
export function defineJob<T extends Shape>(job: PlainJobDefinition<T>): Job<T>
// Last, for the compiler words its complaint by the last overload: most jobs have transforms.
export function defineJob<T extends Shape, U extends Shape>(job: JobDefinition<T, U>): Job<U>
export function defineJob(job: unknown): Job {
  checkJob(job)
  return job
}

/** Asserts that a value is a job. Throws `job-invalid`, with every problem named. */
export function checkJob(job: unknown): asserts job is Job {
  if (typeof job !== 'object' || job === null) throw invalid(['the job is no object; use defineJob({ … })'])
  const { name, extract, transform, validate, load, ...rest } = job as Record<string, unknown>
  const problems = [
    typeof name === 'string' && /^[A-Za-z0-9][\w.-]{0,99}$/.test(name)
      ? ''
      : 'name must be letters, digits, ".", "_" or "-"',
    isFunction(extract) || isSource(extract)
      ? ''
      : 'extract must be a source such as readCsv(…), or a function that returns one',
    transform === undefined || isFunction(transform) ? '' : 'transform must be a function (rows) => rows…',
    validate === undefined || isObject(validate) || isFunction(validate)
      ? ''
      : 'validate must be rules, or a function that returns them',
    isFunction(load) || isSink(load) ? '' : 'load must be a sink such as writeCsv(…), or a function that returns one',
    ...checkOptions(rest),
  ].filter((problem) => problem !== '')
  if (problems.length > 0) throw invalid(problems, typeof name === 'string' ? name : undefined)
}

const OPTIONS = [
  ...['name', 'extract', 'transform', 'validate', 'load'],
  ...['onInvalid', 'maxRejected', 'deadLetters', 'notify', 'memoryBudget'],
]

function checkOptions(options: Record<string, unknown>): readonly string[] {
  const { onInvalid, maxRejected, deadLetters, notify: _notify, memoryBudget, row: _, ...unknown } = options
  return [
    ...Object.keys(unknown).map((key) => unknownName('option', key, OPTIONS)),
    onInvalid === undefined || onInvalid === 'fail' || onInvalid === 'quarantine'
      ? ''
      : 'onInvalid must be fail or quarantine',
    maxRejected === undefined || isMaxRejected(maxRejected)
      ? ''
      : 'maxRejected must be a count or a share such as "5%"',
    deadLetters === undefined || typeof deadLetters === 'string' || isFunction(deadLetters)
      ? ''
      : 'deadLetters must be a path or an address',
    memoryBudget === undefined ||
    (Number.isInteger(memoryBudget) && (memoryBudget as number) >= 1 << 20 && (memoryBudget as number) <= 1 << 28)
      ? ''
      : 'memoryBudget must be a whole number of bytes from 1048576 (1 MiB) to 268435456 (256 MiB)',
  ]
}

export function isMaxRejected(value: unknown): value is MaxRejected {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0
  return typeof value === 'string' && /^\d+(\.\d+)?%$/.test(value) && Number.parseFloat(value) <= 100
}

export function isSource(value: unknown): value is Source {
  return isObject(value) && isFunction(value['plan']) && isFunction(value['read'])
}

export function isSink(value: unknown): value is Sink {
  return isObject(value) && isFunction(value['stage']) && isFunction(value['cut'])
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function invalid(problems: readonly string[], name?: string): SluiceError {
  const where = name === undefined ? 'The job is invalid' : `The job "${name}" is invalid`
  const what = problems.join('; ')
  return new SluiceError('job-invalid', `${where}: ${what}${what.endsWith('?') ? '' : '.'}`)
}
