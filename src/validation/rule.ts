import type { RunContext } from '../context.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { RowError } from '../records/row-errors.ts'
import type { Row } from '../records/rows.ts'
import type { Schema } from '../records/schema.ts'

/** `error` rejects rows or the run; `warn` and `info` only count. */
export type Severity = 'error' | 'warn' | 'info'

export interface RuleOptions<T = Row> {
  readonly severity?: Severity
  /** Rows that may fail the rule before the run is refused; they are rejected all the same. Default 0. */
  readonly maxFailed?: number
  /** The same as a share of the rows that it looked at, such as 0.5; with both, both hold. */
  readonly maxFailedPercent?: number
  /** The rule looks only at rows for which this is true. */
  readonly where?: (row: T) => boolean
}

/** Of rules on all rows: they fail or pass as a whole. */
export type DatasetOptions<T = Row> = Pick<RuleOptions<T>, 'severity' | 'where'>

interface RuleBase<C extends string> {
  /** Unique in the job, such as `email.string_patterns`. */
  readonly id: string
  /** The rule's kind in reports, in snake case. */
  readonly type: string
  readonly columns: readonly C[]
  readonly options: RuleOptions<never>
  /** Part of the job's fingerprint. */
  readonly description: Readonly<Record<string, unknown>>
}

/** Judges rows one by one, as they stream. */
export interface RowRule<C extends string = string> extends RuleBase<C> {
  readonly level: 'row'
  /** Called when a schema is first seen. */
  readonly bind: (schema: Schema) => RowCheck
}

/**
 * Looks at the flowing rows of a batch and reports those that fail. Skips rows whose cells failed before.
 * Returns how many rows it judged; rows with null cells that the rule does not speak about are not among them.
 */
export type RowCheck = (batch: RecordBatch, report: (row: number, error: RowError) => void) => number

/** No two rows hold the same key; rows with a null in the key hold none. Judged at the end, over all splits. */
export interface UniqueRule<C extends string = string> extends RuleBase<C> {
  readonly level: 'unique'
}

/** Judges all rows together that passed the row rules, duplicates included. */
export interface DatasetRule<C extends string = string> extends RuleBase<C> {
  readonly level: 'dataset'
  readonly start: () => unknown
  /** Called when a schema is first seen. */
  readonly bind: (schema: Schema, context: RunContext) => DatasetCheck
  /** What is wrong, if anything: one message each. */
  readonly end: (state: never, context: RunContext) => string | readonly string[] | undefined
}

/** Takes the live rows of a batch into the state. */
export type DatasetCheck = (batch: RecordBatch, state: never) => Observed

export interface Observed {
  /** The next state, which may be the one before. */
  readonly state: unknown
  /** How many rows the rule looked at. */
  readonly evaluated: number
}

/** `C` are the columns that it reads, so that a rule on a column that is not there does not compile. */
export type Rule<C extends string = string> = RowRule<C> | UniqueRule<C> | DatasetRule<C>

/** What a row rule found in one split. */
export interface RuleTally {
  readonly id: string
  evaluated: number
  failed: number
  readonly samples: RuleSample[]
}

/** One of the first rows that failed a rule. Numbers count within the split until the judge has seen all. */
export interface RuleSample {
  readonly ordinal: number
  readonly line: number
  readonly column?: string
  readonly value?: string
  readonly code: string
  readonly message: string
}

/** So many failed rows of a rule are shown in the report; the dead letters hold all of them. */
export const MAX_SAMPLES = 20
