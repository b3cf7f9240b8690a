import { TEXT } from '../config/check-options.ts'
import { SluiceError } from '../errors.ts'
import type { Column } from '../records/column.ts'
import { type Field, type Schema, schemaOfFields } from '../records/schema.ts'
import { batchStep, columnIndex, type Step } from './step.ts'

/** Keeps the named columns, in the order named. */
export function selectStep(names: readonly string[]): Step {
  if (names.length === 0) throw new SluiceError('job-invalid', 'select: name the columns to keep.')
  return projection(`select(${names.join(', ')})`, { verb: 'select', names }, () => names.map((name) => [name, name]))
}

/** Removes the named columns. */
export function dropStep(names: readonly string[]): Step {
  const step = `drop(${names.join(', ')})`
  return projection(step, { verb: 'drop', names }, (schema) => {
    for (const name of names) columnIndex(schema, name, step)
    return schema.columns.filter((column) => !names.includes(column)).map((column) => [column, column])
  })
}

/** Renames columns: old name → new name. */
export function renameStep(names: Readonly<Record<string, string>>): Step {
  const step = `rename(${Object.keys(names).join(', ')})`
  return projection(step, { verb: 'rename', names }, (schema) => {
    for (const name of Object.keys(names)) columnIndex(schema, name, step)
    return schema.columns.map((column) => [column, Object.hasOwn(names, column) ? (names[column] as string) : column])
  })
}

/** A step that only picks and names columns: [old name, new name]. */
function projection(
  name: string,
  description: Readonly<Record<string, unknown>>,
  pick: (schema: Schema) => readonly (readonly [string, string])[],
): Step {
  return batchStep({ name, effect: 'one-to-one', description }, (schema) => {
    const pairs = pick(schema)
    if (pairs.length === 0) throw new SluiceError('job-invalid', `${name}: no column would be left.`)
    const indices = pairs.map(([column]) => columnIndex(schema, column, name))
    const names = uniqueNames(
      pairs.map(([, column]) => column),
      name,
    )
    const next = schemaOfFields(
      indices.map((index, at) => ({ ...(schema.fields[index] as Field), name: names[at] as string })),
    )
    return (batch) =>
      batch.withColumns(
        next,
        indices.map((index) => batch.columns[index] as Column),
      )
  })
}

function uniqueNames(names: readonly string[], step: string): readonly string[] {
  if (!names.every(TEXT.accepts)) throw new SluiceError('job-invalid', `${step}: a column would have no name.`)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return names
  throw new SluiceError('job-invalid', `${step}: two columns would be named "${twice}".`)
}
