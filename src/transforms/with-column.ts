import { TEXT } from '../config/check-options.ts'
import { SluiceError } from '../errors.ts'
import type { BatchMemory } from '../records/batch-memory.ts'
import { asCell, cellError } from '../records/cell-error.ts'
import type { Cell, Column } from '../records/column.ts'
import { type ColumnFunction, describeFunction, isRejection, type SpanKernel } from '../records/column-function.ts'
import { mapCells } from '../records/map-cells.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { type Schema, schemaOfFields } from '../records/schema.ts'
import { SpanColumn } from '../records/span-column.ts'
import { encodeCells, ValueColumn } from '../records/value-column.ts'
import { batchStep, columnIndex, type Step } from './step.ts'

/** Sets a column to a function of some columns of the same row. */
export function withColumnStep(
  name: string,
  from: readonly string[],
  fn: (...values: never[]) => unknown,
  step = `withColumn(${name})`,
): Step {
  check(name, from, fn, step)
  const { kernel, settle, returns } = fn as unknown as ColumnFunction
  const call = (settle ?? fn) as unknown as (...values: Cell[]) => unknown
  const tables = new WeakMap<object, number>()
  return batchStep(
    { name: step, effect: 'one-to-one', description: { verb: 'withColumn', name, from, fn: describeFunction(fn) } },
    (schema) => {
      const inputs = from.map((column) => columnIndex(schema, column, step))
      const target = schema.indexOf.get(name) ?? schema.columns.length
      const fields = [...schema.fields]
      fields[target] = { name, type: returns, nullable: true }
      const next = schemaOfFields(fields)
      return (batch) => {
        const sources = inputs.map((index) => batch.columns[index] as Column)
        const [first] = sources
        const column =
          kernel !== undefined && sources.length === 1 && first instanceof SpanColumn
            ? byKernel(batch, first, kernel, tableOf(kernel, batch, tables), step, name, call)
            : mapCells(batch, sources, call, { step, column: name })
        return replaceColumn(batch, next, target, column)
      }
    },
  )
}

/** Throws `job-invalid`. */
function check(name: unknown, from: unknown, fn: unknown, step: string): void {
  if (!TEXT.accepts(name)) throw new SluiceError('job-invalid', 'withColumn: the name of the column is missing.')
  if (typeof fn !== 'function') throw new SluiceError('job-invalid', `${step} needs a function on values.`)
  if (Array.isArray(from) && from.length > 0 && from.every(TEXT.accepts)) return
  throw new SluiceError('job-invalid', `${step}: its columns must be an array of names, such as ['price', 'count'].`)
}

function replaceColumn(batch: RecordBatch, schema: Schema, index: number, column: Column): RecordBatch {
  const columns = [...batch.columns]
  columns[index] = column
  return batch.withColumns(schema, columns)
}

/** The kernel does the plain cells; the function decides the others, which are appended behind. */
function byKernel(
  batch: RecordBatch,
  source: SpanColumn,
  kernel: SpanKernel,
  table: number,
  step: string,
  name: string,
  call: (value: Cell) => unknown,
): Column {
  const { memory, rows } = batch
  const { kernels, linear } = memory
  const { address: spans, stride } = source.spans()
  const out = memory.allocate(rows * 8)
  const slow = memory.allocate(rows * 4 + 4)
  const arena = memory.allocate(kernel.capacity(source.bytes, rows))
  const end = kernel.run(kernels, { spans, stride, rows, live: batch.live, out, arena, table, slow })
  memory.shrink(arena, end - arena)
  const count = linear.words[slow >>> 2] as number
  if (count === 0) return new SpanColumn(memory, { address: out, stride: 8 }, rows, 'plain', end - arena, source.failed)
  const slowRows = linear.words.slice((slow >>> 2) + 1, (slow >>> 2) + 1 + count)
  const failed = new Set<number>(source.failed)
  const cells: Cell[] = []
  for (const row of slowRows) {
    let cell: Cell = null
    if (!source.failed?.has(row)) {
      const value = source.value(row)
      const fail = (error: unknown) => {
        failed.add(row)
        batch.errors.add(row, cellError(error, step, name, value))
      }
      try {
        const result = call(value)
        if (isRejection(result)) fail(result)
        else cell = asCell(result)
      } catch (error) {
        fail(error)
      }
    }
    cells.push(cell)
  }
  return mergeSlow(memory, { out, rows, bytes: end - arena }, slowRows, cells, failed)
}

/** Puts the cells that the function made among those of the kernel. */
function mergeSlow(
  memory: BatchMemory,
  kernelColumn: { readonly out: number; readonly rows: number; readonly bytes: number },
  slowRows: Uint32Array,
  cells: readonly Cell[],
  failed: ReadonlySet<number>,
): Column {
  const { out, rows, bytes } = kernelColumn
  const { spans, plain, bytes: added } = encodeCells(memory, cells)
  const { words } = memory.linear
  const text = cells.every((cell) => typeof cell === 'string' || cell === null)
  const failures = failed.size > 0 ? failed : undefined
  if (plain && text) {
    slowRows.forEach((row, index) => {
      const at = (spans.address >>> 2) + index * 2
      words.copyWithin((out >>> 2) + row * 2, at, at + 2)
    })
    return new SpanColumn(memory, { address: out, stride: 8 }, rows, 'plain', bytes + added, failures)
  }
  // Until they have values of their own the slow rows are empty.
  for (const row of slowRows) words.fill(out, (out >>> 2) + row * 2, (out >>> 2) + row * 2 + 2)
  const values = [...new SpanColumn(memory, { address: out, stride: 8 }, rows, 'plain', bytes).values()]
  slowRows.forEach((row, index) => {
    values[row] = cells[index] as Cell
  })
  return new ValueColumn(memory, values, failures)
}

/** The kernel's constants in linear memory, put there once. */
function tableOf(kernel: SpanKernel, batch: RecordBatch, tables: WeakMap<object, number>): number {
  if (kernel.table === undefined) return 0
  const { linear } = batch.memory
  const known = tables.get(linear)
  if (known !== undefined) return known
  const address = linear.reserve(kernel.table.length)
  linear.bytes.set(kernel.table, address)
  tables.set(linear, address)
  return address
}
