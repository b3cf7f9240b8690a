import { schemaOf } from '../records/schema.ts'
import type { Shape } from '../records/shape.ts'
import { ConstantColumn } from '../records/value-column.ts'
import type { RowStream } from './row-stream.ts'
import { batchStep, type Step } from './step.ts'

/** What `addProcessingMetadata` adds to every row. (An alias, for interfaces are no index types.) */
export type ProcessingMetadata = {
  readonly _job_name: string
  readonly _run_id: string
  /** One instant per run. */
  readonly _processed_at: Date
  /** The input that the row came from. */
  readonly _source: string
}

/** Adds `_job_name`, `_run_id`, `_processed_at` and `_source`. */
export function addProcessingMetadata(): <T extends Shape>(rows: RowStream<T>) => RowStream<T & ProcessingMetadata> {
  return <T extends Shape>(rows: RowStream<T>) => rows.apply<T & ProcessingMetadata>(metadataStep)
}

const COLUMNS = ['_job_name', '_run_id', '_processed_at', '_source']

const metadataStep: Step = batchStep(
  { name: 'addProcessingMetadata', effect: 'one-to-one', description: { verb: 'addProcessingMetadata' } },
  (schema, context) => {
    const kept = schema.columns.flatMap((name, index) => (COLUMNS.includes(name) ? [] : [index]))
    const next = schemaOf([...kept.map((index) => schema.columns[index] as string), ...COLUMNS])
    return (batch) => {
      const constants = [context.job, context.runId, context.processedAt, batch.origins.source]
      const added = constants.map((value) => new ConstantColumn(batch.memory, value, batch.rows))
      return batch.withColumns(next, [...kept.map((index) => batch.columns[index] as (typeof added)[0]), ...added])
    }
  },
)
