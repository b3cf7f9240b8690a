import type { z } from 'zod'
import { SluiceError } from '../errors.ts'
import type { Cell } from '../records/column.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { RowError } from '../records/row-errors.ts'
import { type Row, rowsOf } from '../records/rows.ts'
import { GONE } from '../records/span.ts'

/** Rejects the rows that a schema as a whole refuses, once their cells are cast. */
export type RowChecks = (batch: RecordBatch) => void

/**
 * What a schema says of whole rows, by `.refine` and the like; undefined when it says nothing. `absent` are the columns
 * whose missing values zod knows as undefined. Throws `job-invalid` for checks that would change the row.
 */
export function rowChecksOf(schema: z.ZodObject, absent: ReadonlySet<string>): RowChecks | undefined {
  const { checks = [], catchall, shape } = schema._zod.def
  if (checks.length === 0) return undefined
  if (checks.some((check) => check._zod.def.check === 'overwrite')) {
    throw new SluiceError('job-invalid', 'readCsv: the schema changes whole rows by `overwrite`; do that in transform.')
  }
  // The cells are judged already, and zod must not take what it made of them for what it was made of.
  const open = schema.loose()
  const whole = open.clone({ ...open._zod.def, shape: {} }) as unknown as z.ZodObject
  const isSeen = (column: string) => catchall !== undefined || Object.hasOwn(shape, column)
  return (batch) => {
    const rows = rowsOf(batch)
    const seen = batch.schema.columns.filter(isSeen)
    const given = (row: Row) => Object.fromEntries(seen.map((name) => [name, valueFor(name, row[name] as Cell)]))
    const failed = batch.columns.flatMap((column) => column.failed ?? [])
    const mask = batch.mask
    for (let row = 0; row < batch.rows; row++) {
      if (mask[row] === GONE || failed.some((some) => some.has(row))) continue
      for (const error of judge(whole, given(rows(row)), batch)) batch.errors.add(row, error)
    }
  }

  function valueFor(name: string, cell: Cell): Cell | undefined {
    return cell === null && absent.has(name) ? undefined : cell
  }
}

function judge(whole: z.ZodObject, row: object, { schema, origins }: RecordBatch): readonly RowError[] {
  try {
    const result = whole.safeParse(row)
    if (result.success) return []
    return result.error.issues.map(({ path: [column], message }) => ({
      code: 'schema-check',
      message,
      rule: 'schema',
      transform: true,
      ...(typeof column === 'string' && schema.indexOf.has(column) ? { column } : {}),
    }))
  } catch (error) {
    const why = isAsync(error) ? 'it is asynchronous; only mapRows may be' : `it threw: ${(error as Error)?.message}`
    throw new SluiceError('rule-failed', `The schema of ${origins.source} cannot judge a row: ${why}`, { cause: error })
  }
}

/** What zod throws when a check returns a promise. */
export function isAsync(error: unknown): boolean {
  return (error as Error)?.constructor?.name === '$ZodAsyncError'
}
