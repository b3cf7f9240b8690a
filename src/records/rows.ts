import type { Cell } from './column.ts'
import type { RecordBatch } from './record-batch.ts'
import type { Schema } from './schema.ts'

export type Row = Record<string, Cell>

/** Makes plain objects of a batch's rows, on demand. */
export function rowsOf(batch: RecordBatch): (row: number) => Row {
  const columns = batch.columns.map((column) => column.values())
  const make = constructorOf(batch.schema)
  return (row) => make(columns, row)
}

type RowConstructor = (columns: readonly (readonly Cell[])[], row: number) => Row

const constructors = new WeakMap<Schema, RowConstructor>()

/**
 * One generated literal per schema: its objects share one shape, which setting properties by names known only at run
 * time would not give; measured three times as fast. Labels go in as JSON strings, so no label can be code.
 */
function constructorOf(schema: Schema): RowConstructor {
  const known = constructors.get(schema)
  if (known !== undefined) return known
  // `__proto__` in a literal sets the prototype unless its key is computed.
  const cells = schema.columns.map((name, index) => `[${JSON.stringify(name)}]: c[${index}][r]`)
  const plain = schema.columns.map((name, index) => `${JSON.stringify(name)}: c[${index}][r]`)
  const body = schema.columns.includes('__proto__') ? cells : plain
  const make = new Function('c', 'r', `return { ${body.join(', ')} }`) as RowConstructor
  constructors.set(schema, make)
  return make
}
