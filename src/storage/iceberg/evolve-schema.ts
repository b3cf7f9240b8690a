import { SluiceError } from '../../errors.ts'
import { caseTwins } from '../../records/case-twins.ts'
import type { Field } from '../../records/schema.ts'
import { type IcebergField, type IcebergSchema, type IcebergType, lastColumnId } from './iceberg-schema.ts'
import { icebergTypeOf, typeText } from './schema-mapping.ts'

/**
 * What happens to columns that a table lacks, or has in a narrower type: `evolve` adds and widens, `freeze` fails,
 * `discard_columns` leaves them out.
 */
export type SchemaPolicy = 'evolve' | 'freeze' | 'discard_columns'

/** A column that is written, in the type that the table has for it. */
export interface WrittenColumn {
  readonly id: number
  /** In the table, and in the rows. */
  readonly name: string
  readonly required: boolean
  readonly type: string
}

export interface EvolvedSchema {
  /** The same object when nothing changes; else one whose id is the next. */
  readonly schema: IcebergSchema
  readonly lastColumnId: number
  /** In the order of the rows' columns. */
  readonly columns: readonly WrittenColumn[]
  /** Columns of the rows that the table does not take. */
  readonly discarded: readonly string[]
}

export interface TableSchemas {
  readonly current: IcebergSchema
  /** Ids are never used twice, also not those of columns that are gone. */
  readonly lastColumnId: number
  /** The largest id of all schemas that the table has had. */
  readonly lastSchemaId: number
}

/**
 * The schema that a table must have so that rows of these columns can be written to it. A column of the table that the
 * rows lack is null, which it must be allowed to be. Whether a required column that may be null is null anywhere only its
 * values can tell.
 *
 * @throws SluiceError `target-not-writable`, with all that does not fit.
 */
export function evolveSchema(table: TableSchemas, fields: readonly Field[], policy: SchemaPolicy): EvolvedSchema {
  const known = new Map(table.current.fields.map((field) => [field.name, field]))
  const problems: string[] = []
  const discarded: string[] = []
  const changed = new Map<number, IcebergField>()
  const added: IcebergField[] = []
  const columns: WrittenColumn[] = []
  for (const field of fields) {
    const there = known.get(field.name)
    const type = icebergTypeOf(field.type)
    const fit = there === undefined ? policy : fitOf(there.type, type, policy)
    const problem = problemOf(field, there, fit)
    const twin = there === undefined && fit === 'evolve' ? twinOf(field.name, table.current.fields, added) : undefined
    if (problem !== undefined) problems.push(problem)
    else if (twin !== undefined) problems.push(`${field.name} differs from ${twin} in upper and lower case alone`)
    else if (fit === 'discard_columns') discarded.push(field.name)
    else if (there === undefined) {
      // Old rows lack it, so no new column can be required.
      const id = table.lastColumnId + added.length + 1
      added.push({ id, name: field.name, required: false, type })
      columns.push({ id, name: field.name, required: false, type })
    } else {
      const kept = fit === 'as-is' ? (there.type as string) : type
      if (fit === 'evolve') changed.set(there.id, { ...there, type })
      columns.push({ id: there.id, name: field.name, required: there.required, type: kept })
    }
  }
  const written = new Set(columns.map(({ id }) => id))
  for (const { id, name, required } of table.current.fields) {
    if (required && !written.has(id)) problems.push(`${name} is required in the table, and the rows do not have it`)
  }
  if (problems.length > 0) throw misfit(problems, policy)
  return { ...next(table, changed, added), columns, discarded }
}

/** Many readers, Spark among them, take both for one column, and then read neither. */
function twinOf(name: string, ...fields: readonly (readonly IcebergField[])[]): string | undefined {
  return fields.flat().find((field) => field.name.toLowerCase() === name.toLowerCase())?.name
}

/** `as-is`: every value that the rows may hold is one of the table's type. */
type Fit = SchemaPolicy | 'as-is' | 'never'

function fitOf(there: IcebergType, given: string, policy: SchemaPolicy): Fit {
  if (there === given || widens(given, there)) return 'as-is'
  return widens(there, given) && policy !== 'discard_columns' ? policy : 'never'
}

/** The widenings that version 2 of the format allows: data files that were written before stay as they are. */
export function widens(from: IcebergType, to: IcebergType): boolean {
  if (typeof from !== 'string' || typeof to !== 'string') return false
  if ((from === 'int' && to === 'long') || (from === 'float' && to === 'double')) return true
  const [narrow, wide] = [DECIMAL.exec(from), DECIMAL.exec(to)]
  return narrow !== null && wide !== null && narrow[2] === wide[2] && Number(narrow[1]) < Number(wide[1])
}

const DECIMAL = /^decimal\((\d+), ?(\d+)\)$/

function problemOf(field: Field, there: IcebergField | undefined, fit: Fit): string | undefined {
  const type = icebergTypeOf(field.type)
  if (there === undefined) return fit === 'freeze' ? `the table has no column ${field.name}` : undefined
  const is = `${field.name} is ${typeText(there.type)} in the table and ${type} in the rows`
  if (fit === 'never') return typeof there.type === 'string' ? is : `${is}; nested columns cannot be written`
  if (fit === 'freeze') return is
  return undefined
}

/**
 * The columns of a new table, and of one whose rows are all replaced.
 *
 * @throws SluiceError `target-not-writable` when two names differ in upper and lower case alone.
 */
export function checkTwins(fields: readonly Field[]): void {
  const twins = caseTwins(fields.map(({ name }) => name))
  if (twins === undefined) return
  const [twin, column] = twins
  const why = 'Many readers, Spark among them, take both for one column.'
  const what = `The columns ${twin} and ${column} differ in upper and lower case alone.`
  throw new SluiceError('target-not-writable', `${what} ${why} Rename one of them.`, { context: { column } })
}

function misfit(problems: readonly string[], policy: SchemaPolicy): SluiceError {
  const others = {
    evolve: '`discard_columns` leaves new ones out',
    freeze: '`evolve` adds and widens columns, `discard_columns` leaves new ones out',
    discard_columns: '`evolve` adds and widens columns',
  }
  const fix = `Cast, rename or drop columns so that they fit, or choose another \`schemaPolicy\`: ${others[policy]}.`
  return new SluiceError('target-not-writable', `The rows do not fit the table: ${problems.join('; ')}. ${fix}`)
}

function next(
  { current, lastColumnId: last, lastSchemaId }: TableSchemas,
  changed: ReadonlyMap<number, IcebergField>,
  added: readonly IcebergField[],
): { schema: IcebergSchema; lastColumnId: number } {
  if (changed.size === 0 && added.length === 0) return { schema: current, lastColumnId: last }
  const fields = [...current.fields.map((field) => changed.get(field.id) ?? field), ...added]
  return { schema: { ...current, 'schema-id': lastSchemaId + 1, fields }, lastColumnId: last + added.length }
}

/**
 * The schema of a table whose rows are all replaced. A column keeps its id when name and type are the same: then filters and
 * statistics of older snapshots mean the same column.
 */
export function replaceSchema(table: TableSchemas, fields: readonly Field[]): EvolvedSchema {
  const known = new Map(table.current.fields.map((field) => [field.name, field]))
  let last = Math.max(table.lastColumnId, lastColumnId(table.current.fields))
  const columns = fields.map(({ name, type: given, nullable }): WrittenColumn => {
    const type = icebergTypeOf(given)
    const there = known.get(name)
    const id = there?.type === type ? there.id : ++last
    return { id, name, required: !nullable, type }
  })
  const same =
    columns.length === table.current.fields.length &&
    columns.every((column, index) => {
      const field = table.current.fields[index] as IcebergField
      return column.id === field.id && column.required === field.required
    })
  const schema: IcebergSchema = same
    ? table.current
    : { type: 'struct', 'schema-id': table.lastSchemaId + 1, fields: columns }
  return { schema, lastColumnId: last, columns, discarded: [] }
}
