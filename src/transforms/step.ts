import type { RunContext } from '../context.ts'
import { SluiceError } from '../errors.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { Schema } from '../records/schema.ts'
import { GONE } from '../records/span.ts'

/**
 * One stage between source and validation. The lifecycle counts the rows that enter and leave it; `effect` says what
 * it may do with their number, and anything else fails the run.
 */
export interface Step {
  /** As people see it in reports: the verb and its columns. */
  readonly name: string
  readonly effect: 'one-to-one' | 'filter' | 'expand'
  /** Part of the job's fingerprint; functions stand in it as their source text. */
  readonly description: Readonly<Record<string, unknown>>
  /**
   * Called once a split. Every batch that comes in goes out, changed, or is released; state lives in the closure.
   * Runs once with a batch that may have no rows, for the schema.
   */
  apply(batches: AsyncIterable<RecordBatch>, resources: StepResources): AsyncIterable<RecordBatch>
}

export interface StepResources {
  readonly context: RunContext
  /** For steps that make batches of their own. */
  readonly pool: BatchPool
  /**
   * For steps that expand and know which rows came of which: told at the end, it splits the difference that the
   * lifecycle counts, and must agree with it. Without it only the difference is known.
   */
  readonly expanded: (expansion: Expansion) => void
}

export interface Expansion {
  /** Rows more than there were origins of them. */
  readonly produced: number
  /** Rows of which nothing came. */
  readonly consumed: number
}

/** What a step does with the batches of one schema. */
export type BatchFunction = (batch: RecordBatch) => RecordBatch

/** A step that works batch by batch; `bind` runs when the schema is first seen, and again should it change. */
export function batchStep(
  parts: Omit<Step, 'apply'>,
  bind: (schema: Schema, context: RunContext) => BatchFunction,
): Step {
  return {
    ...parts,
    apply: async function* (batches, { context }) {
      let schema: Schema | undefined
      let work: BatchFunction | undefined
      for await (const batch of batches) {
        if (work === undefined || batch.schema !== schema) {
          schema = batch.schema
          work = bind(schema, context)
        }
        yield work(batch)
      }
    },
  }
}

/** The index of a column that a step needs. Throws `unknown-column`. */
export function columnIndex(schema: Schema, name: string, step: string): number {
  const index = schema.indexOf.get(name)
  if (index !== undefined) return index
  const known = schema.columns.map((column) => `"${column}"`).join(', ')
  throw new SluiceError('unknown-column', `${step}: there is no column "${name}". The columns are ${known}.`, {
    context: { column: name },
  })
}

/** Takes rows out of the stream; not for rejects. */
export function dropRows(batch: RecordBatch, rows: Iterable<number>): void {
  const mask = batch.mask
  for (const row of rows) mask[row] = GONE
}
