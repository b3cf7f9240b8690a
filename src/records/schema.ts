import { type ErrorCode, SluiceError } from '../errors.ts'

/** The columns of a batch by name and order. Compared by reference: batches of one stream share it. */
export interface Schema {
  readonly columns: readonly string[]
  readonly indexOf: ReadonlyMap<string, number>
}

export function schemaOf(columns: readonly string[]): Schema {
  return { columns, indexOf: new Map(columns.map((name, index) => [name, index])) }
}

/** The columns that a row brings with it. Throws an error of the given code for names that no header could have. */
export function schemaOfRow(row: object, where: string, code: ErrorCode): Schema {
  const columns = Object.keys(row)
  if (columns.length === 0) throw new SluiceError(code, `${where}: the first row has no columns.`)
  if (columns.includes('')) throw new SluiceError(code, `${where}: the first row has a column without a name.`)
  return schemaOf(columns)
}
