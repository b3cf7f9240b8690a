import { SluiceError } from '../errors.ts'
import { cellError } from '../records/cell-error.ts'
import type { Column } from '../records/column.ts'
import { describeFunction } from '../records/column-function.ts'
import { nullRows } from '../records/null-rows.ts'
import { refusePromise } from '../records/refuse-promise.ts'
import { rowsOf } from '../records/rows.ts'
import { type Schema, schemaOfFields } from '../records/schema.ts'
import { GONE, LIVE } from '../records/span.ts'
import { isNotNull } from './is-not-null.ts'
import { type BatchFunction, batchStep, columnIndex, dropRows, type Step } from './step.ts'

/**
 * Keeps the rows whose cell passes the test. A row that has an error already stays whatever the test says: it must reach
 * the dead letters.
 */
export function filterColumnStep(name: string, test: (value: never) => boolean): Step {
  const step = `filter(${name})`
  if (typeof test !== 'function') throw new SluiceError('job-invalid', `${step} needs a function on values.`)
  return batchStep(
    { name: step, effect: 'filter', description: { verb: 'filter', name, test: describeFunction(test) } },
    (schema) => {
      const index = columnIndex(schema, name, step)
      if ((test as unknown) === isNotNull) return notNullFilter(schema, index)
      return (batch) => {
        const values = (batch.columns[index] as Column).values()
        const mask = batch.mask
        for (let row = 0; row < batch.rows; row++) {
          if (mask[row] !== LIVE) continue
          try {
            const kept = test(values[row] as never)
            if (kept !== true) refusePromise(kept)
            if (!kept) mask[row] = GONE
          } catch (error) {
            batch.errors.add(row, cellError(error, step, name, values[row]))
          }
        }
        return batch
      }
    },
  )
}

/** Needs no value, and the column has no nulls any more. */
function notNullFilter(schema: Schema, index: number): BatchFunction {
  const fields = schema.fields.map((field, at) => (at === index ? { ...field, nullable: false } : field))
  const next = schemaOfFields(fields)
  return (batch) => {
    const nulls = nullRows(batch, batch.columns[index] as Column)
    const mask = batch.mask
    dropRows(
      batch,
      nulls.filter((row) => mask[row] === LIVE),
    )
    return batch.withColumns(next, batch.columns)
  }
}

/** Keeps the rows that pass the test. */
export function filterRowsStep(test: (row: never) => boolean): Step {
  return batchStep(
    { name: 'filter(row)', effect: 'filter', description: { verb: 'filter', test: describeFunction(test) } },
    () => (batch) => {
      const rows = rowsOf(batch)
      const mask = batch.mask
      for (let row = 0; row < batch.rows; row++) {
        if (mask[row] !== LIVE) continue
        try {
          const kept = test(rows(row) as never)
          if (kept !== true) refusePromise(kept)
          if (!kept) mask[row] = GONE
        } catch (error) {
          batch.errors.add(row, cellError(error, 'filter(row)'))
        }
      }
      return batch
    },
  )
}
