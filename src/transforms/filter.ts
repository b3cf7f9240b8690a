import { SluiceError } from '../errors.ts'
import { cellError } from '../records/cell-error.ts'
import type { Column } from '../records/column.ts'
import { refusePromise } from '../records/refuse-promise.ts'
import { rowsOf } from '../records/rows.ts'
import { GONE, LIVE } from '../records/span.ts'
import { SpanColumn } from '../records/span-column.ts'
import { isNotNull } from './is-not-null.ts'
import { batchStep, columnIndex, dropRows, type Step } from './step.ts'

/**
 * Keeps the rows whose cell passes the test. A row that has an error already stays whatever the test says: it must reach
 * the dead letters.
 */
export function filterColumnStep(name: string, test: (value: never) => boolean): Step {
  const step = `filter(${name})`
  if (typeof test !== 'function') throw new SluiceError('job-invalid', `${step} needs a function on values.`)
  return batchStep(
    { name: step, effect: 'filter', description: { verb: 'filter', name, test: String(test) } },
    (schema) => {
      const index = columnIndex(schema, name, step)
      return (batch) => {
        const column = batch.columns[index] as Column
        if ((test as unknown) === isNotNull && column instanceof SpanColumn) {
          const { kernels, linear } = batch.memory
          const { address, stride } = column.spans()
          const out = batch.memory.allocate(batch.rows * 4 + 4)
          kernels.findNulls(address, stride, batch.rows, batch.live, out)
          const found = linear.words.subarray((out >>> 2) + 1, (out >>> 2) + 1 + (linear.words[out >>> 2] as number))
          const mask = batch.mask
          dropRows(
            batch,
            found.filter((row) => mask[row] === LIVE),
          )
          return batch
        }
        const values = column.values()
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

/** Keeps the rows that pass the test. */
export function filterRowsStep(test: (row: never) => boolean): Step {
  return batchStep(
    { name: 'filter(row)', effect: 'filter', description: { verb: 'filter', test: String(test) } },
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
