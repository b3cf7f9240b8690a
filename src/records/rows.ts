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

/** Makes objects of one shape out of cells in column order; the same function for the same array of columns. */
export function cellsToObject<V>(columns: readonly string[]): (cells: readonly V[]) => Record<string, V> {
  const known = makers.get(columns)
  if (known !== undefined) return known as unknown as (cells: readonly V[]) => Record<string, V>
  const make = new Function('c', `return { ${literal(columns, (index) => `c[${index}]`)} }`) as never
  makers.set(columns, make)
  return make
}

const makers = new WeakMap<readonly string[], (cells: readonly never[]) => Record<string, never>>()

/**
 * One generated literal per schema: its objects share one shape, which setting properties by names known only at run
 * time would not give; measured three times as fast. Labels go in as JSON strings, so no label can be code.
 */
function constructorOf(schema: Schema): RowConstructor {
  const known = constructors.get(schema)
  if (known !== undefined) return known
  const body = literal(schema.columns, (index) => `c[${index}][r]`)
  const make = new Function('c', 'r', `return { ${body} }`) as RowConstructor
  constructors.set(schema, make)
  return make
}

/** The properties of an object literal. `__proto__` sets the prototype unless its key is computed. */
function literal(columns: readonly string[], value: (index: number) => string): string {
  const key = (name: string) => (name === '__proto__' ? `['__proto__']` : JSON.stringify(name))
  return columns.map((name, index) => `${key(name)}: ${value(index)}`).join(', ')
}
