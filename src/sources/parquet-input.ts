import { SluiceError } from '../errors.ts'
import type { ParquetFile } from '../parquet/parquet-file.ts'
import { type Footer, readFooter } from '../parquet/read-footer.ts'
import { readableField } from '../parquet/read-row-group.ts'
import type { ParquetField } from '../parquet/read-schema.ts'
import { formatType } from '../records/data-type.ts'
import { openSlices } from '../storage/input-slices.ts'
import { findInputs, type Input } from '../storage/inputs.ts'
import type { ParquetView } from './parquet-view.ts'

/** An open file, and those of its columns that were asked for. */
export interface ParquetInput {
  readonly file: ParquetFile
  readonly footer: Footer
  readonly fields: readonly ParquetField[]
  /** Default: the columns as they are. */
  readonly view?: ParquetView
  close(): Promise<void>
}

/** The file that a path names, or those of a directory or prefix that are named as Parquet files are. */
export async function findParquetFiles(location: string, signal: AbortSignal): Promise<readonly Input[]> {
  const inputs = await findInputs(location, signal)
  if (inputs.length === 1 && inputs[0]?.source === location) return inputs
  const files = inputs.filter(({ source }) => /\.parquet$/i.test(source))
  if (files.length > 0) return files
  throw new SluiceError('source-not-found', `${location} holds no files *.parquet.`, { context: { path: location } })
}

/** Throws `source-failed`, `missing-label`, `duplicate-label`, `blank-label`. */
export async function openParquet(
  input: Pick<Input, 'source' | 'etag'> & { readonly bytes?: number },
  columns: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<ParquetInput> {
  return await openColumns(input, signal, (file, footer) => ({ fields: chosen(file, footer, columns) }))
}

/** Opens a file; its footer says which columns are read. Throws `source-failed`, and what `choose` throws. */
export async function openColumns(
  input: Pick<Input, 'source' | 'etag'> & { readonly bytes?: number },
  signal: AbortSignal,
  choose: (file: ParquetFile, footer: Footer) => Pick<ParquetInput, 'fields' | 'view'>,
): Promise<ParquetInput> {
  const { source: name, bytes = 0 } = input
  const slices = await openSlices({ ...input, bytes }, signal)
  try {
    const file = { name, bytes, slice: slices.slice }
    const footer = await readFooter(file)
    return { file, footer, ...choose(file, footer), close: slices.close }
  } catch (error) {
    await slices.close()
    throw error
  }
}

function chosen(file: ParquetFile, footer: Footer, columns: readonly string[] | undefined): readonly ParquetField[] {
  const names = footer.fields.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  const wanted = columns ?? names
  if (twice !== undefined && wanted.includes(twice)) {
    throw label(file, 'duplicate-label', `two columns are named "${twice}"`, twice)
  }
  if (wanted.includes(''))
    throw label(file, 'blank-label', 'a column has no name; name those that have one in `columns`')
  const missing = wanted.find((name) => !names.includes(name))
  if (missing === undefined) return wanted.map((name) => readableField(file, footer, name))
  const known = names.map((name) => `"${name}"`).join(', ')
  throw label(file, 'missing-label', `there is no column "${missing}". The columns are ${known}`, missing)
}

function label(
  { name }: ParquetFile,
  code: 'duplicate-label' | 'blank-label' | 'missing-label',
  what: string,
  column?: string,
): SluiceError {
  return new SluiceError(code, `${name}: ${what}.`, { context: { path: name, column } })
}

/**
 * Looks whether all files have the same columns, and returns those that may be null in some files but not in others.
 *
 * @throws SluiceError `missing-label`, naming two files that differ.
 */
export async function nullableColumns(
  inputs: readonly Input[],
  columns: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  let first: { readonly source: string; readonly fields: readonly ParquetField[] } | undefined
  const nullable = new Set<string>()
  const never = new Set<string>()
  for await (const { source, fields } of fieldsOf(inputs, columns, signal)) {
    first ??= { source, fields }
    const difference = differenceOf(first.fields, fields)
    if (difference !== undefined) throw different(first.source, source, difference)
    for (const field of fields) (field.nullable ? nullable : never).add(field.name)
  }
  return [...nullable].filter((name) => never.has(name))
}

/** A few files at a time, in their order: on S3 each of them takes a request. */
async function* fieldsOf(inputs: readonly Input[], columns: readonly string[] | undefined, signal: AbortSignal) {
  const look = async (input: Input) => {
    const { fields, close } = await openParquet(input, columns, signal)
    await close()
    return { source: input.source, fields }
  }
  for (let from = 0; from < inputs.length; from += AT_A_TIME) {
    const looks = await Promise.allSettled(inputs.slice(from, from + AT_A_TIME).map(look))
    for (const seen of looks) {
      if (seen.status === 'rejected') throw seen.reason
      yield seen.value
    }
  }
}

const AT_A_TIME = 8

/** What the second has that the first has not, in words. */
function differenceOf(first: readonly ParquetField[], second: readonly ParquetField[]): string | undefined {
  const known = new Map(first.map((field) => [field.name, field]))
  for (const field of second) {
    const other = known.get(field.name)
    if (other === undefined) return `only the second has a column "${field.name}"`
    const [a, b] = [nameOf(other), nameOf(field)]
    if (a !== b) return `"${field.name}" is ${a} in the first and ${b} in the second`
    known.delete(field.name)
  }
  const [missing] = known.keys()
  if (missing !== undefined) return `only the first has a column "${missing}"`
  const moved = second.find(({ name }, index) => name !== first[index]?.name)
  return moved === undefined ? undefined : `"${moved.name}" stands at another place`
}

function nameOf({ type }: ParquetField): string {
  return type === undefined ? 'of an unknown type' : formatType(type)
}

function different(first: string, second: string, what: string): SluiceError {
  const fix = 'Select those that they share with `columns`, or read them one by one.'
  return new SluiceError('missing-label', `${first} and ${second} have different columns: ${what}. ${fix}`, {
    context: { path: second },
  })
}
