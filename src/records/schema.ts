import { type ErrorCode, SluiceError } from '../errors.ts'
import { type DataType, STRING } from './data-type.ts'

/** What is known of a column before any of its values is there. */
export interface Field {
  readonly name: string
  /**
   * All values are of this type, in whatever form the column is: one of text may be of spans still. Undefined: it is what
   * the values turn out to be, as a function made them.
   */
  readonly type: DataType | undefined
  /** False: only rows that have failed are null. */
  readonly nullable: boolean
}

/** The columns of a batch by name and order. Compared by reference: batches of one stream share it. */
export interface Schema {
  readonly fields: readonly Field[]
  readonly columns: readonly string[]
  readonly indexOf: ReadonlyMap<string, number>
}

/** Of columns that are known by their names alone. */
export function schemaOf(columns: readonly string[]): Schema {
  return schemaOfFields(columns.map(untyped))
}

/** Of columns of text, as they stand in a file. */
export function schemaOfText(columns: readonly string[]): Schema {
  return schemaOfFields(columns.map((name) => ({ name, type: STRING, nullable: true })))
}

export function schemaOfFields(fields: readonly Field[]): Schema {
  const columns = fields.map(({ name }) => name)
  return { fields, columns, indexOf: new Map(columns.map((name, index) => [name, index])) }
}

export function untyped(name: string): Field {
  return { name, type: undefined, nullable: true }
}

/** The columns that a row brings with it. Throws an error of the given code for names that no header could have. */
export function schemaOfRow(row: object, where: string, code: ErrorCode): Schema {
  const columns = Object.keys(row)
  if (columns.length === 0) throw new SluiceError(code, `${where}: the first row has no columns.`)
  if (columns.includes('')) throw new SluiceError(code, `${where}: the first row has a column without a name.`)
  return schemaOf(columns)
}
