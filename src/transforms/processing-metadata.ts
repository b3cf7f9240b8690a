import { STRING } from '../records/data-type.ts'
import { type Field, schemaOfFields } from '../records/schema.ts'
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

const FIELDS: readonly Field[] = [
  { name: '_job_name', type: STRING, nullable: false },
  { name: '_run_id', type: STRING, nullable: false },
  { name: '_processed_at', type: { kind: 'timestamptz' }, nullable: false },
  { name: '_source', type: STRING, nullable: false },
]

const metadataStep: Step = batchStep(
  { name: 'addProcessingMetadata', effect: 'one-to-one', description: { verb: 'addProcessingMetadata' } },
  (schema, context) => {
    const isAdded = (name: string) => FIELDS.some((field) => field.name === name)
    const kept = schema.columns.flatMap((name, index) => (isAdded(name) ? [] : [index]))
    const next = schemaOfFields([...kept.map((index) => schema.fields[index] as Field), ...FIELDS])
    return (batch) => {
      const constants = [context.job, context.runId, context.processedAt, batch.origins.source]
      const added = constants.map((value) => new ConstantColumn(batch.memory, value, batch.rows))
      return batch.withColumns(next, [...kept.map((index) => batch.columns[index] as (typeof added)[0]), ...added])
    }
  },
)
