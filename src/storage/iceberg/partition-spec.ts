import { unknownName } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'
import type { IcebergSchema } from './iceberg-schema.ts'
import { typeText } from './schema-mapping.ts'
import { decodeValue, encodeValue, type SingleValue } from './single-value.ts'
import { applyTransform, formatTransform, parseTransform, resultType, type Transform } from './transform.ts'

export interface PartitionField {
  readonly 'field-id': number
  readonly 'source-id': number
  readonly name: string
  readonly transform: string
}

/** By which values the rows of a data file are alike. */
export interface PartitionSpec {
  readonly 'spec-id': number
  readonly fields: readonly PartitionField[]
}

export const UNPARTITIONED: PartitionSpec = { 'spec-id': 0, fields: [] }

/** Ids of partition fields count from 1000. */
export const FIRST_PARTITION_ID = 1000

/**
 * What a partition has of each of its fields, in their order: null, or the single value of appendix D in base64, which is
 * exact and plain JSON.
 */
export type PartitionTuple = readonly (string | null)[]

interface PartitionWish {
  readonly transform: Transform
  readonly column: string
}

/**
 * The spec that a job asks for, such as `['day(ts)', 'bucket(16, id)', 'region']`, on the columns of a schema. Spark's
 * plurals (`days`) are understood.
 *
 * @throws SluiceError `job-invalid`
 */
export function newPartitionSpec(
  partitionBy: readonly string[],
  schema: IcebergSchema,
  {
    specId = 0,
    lastPartitionId = FIRST_PARTITION_ID - 1,
  }: { readonly specId?: number; readonly lastPartitionId?: number } = {},
): PartitionSpec {
  const fields = partitionBy.map((text, index): PartitionField => {
    const { transform, column } = parseWish(text)
    const source = schema.fields.find(({ name }) => name === column)
    if (source === undefined)
      throw invalid(
        text,
        unknownName(
          'column',
          column,
          schema.fields.map(({ name }) => name),
        ),
      )
    if (typeof source.type !== 'string' || resultType(transform, source.type) === undefined) {
      throw invalid(text, `${column} is ${typeText(source.type)}, which ${transform.kind} does not take`)
    }
    const name = transform.kind === 'identity' ? column : `${column}_${SUFFIXES[transform.kind] ?? transform.kind}`
    return {
      'field-id': lastPartitionId + 1 + index,
      'source-id': source.id,
      name,
      transform: formatTransform(transform),
    }
  })
  const names = fields.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) throw invalid(twice, 'it is there twice')
  return { 'spec-id': specId, fields }
}

/** As a job writes it: a column, or a transform of one. Throws `job-invalid`. */
export function parseWish(text: string): PartitionWish {
  const [, name, width, column] = /^(\w+)\((?:(\d+), ?)?([^()]+)\)$/.exec(text.trim()) ?? []
  if (name === undefined) {
    if (text.trim() === '' || /[()]/.test(text)) throw invalid(text, FORM)
    return { transform: { kind: 'identity' }, column: text.trim() }
  }
  const kind = name.replace(/^(year|month|day|hour)s$/, '$1')
  const transform = parseTransform(width === undefined ? kind : `${kind}[${width}]`)
  if (transform === undefined || transform.kind === 'void' || ('width' in transform && transform.width < 1)) {
    throw invalid(text, FORM)
  }
  return { transform, column: column as string }
}

const FORM = 'write a column, or day(ts), month(ts), year(ts), hour(ts), bucket(16, id), truncate(4, name)'
const SUFFIXES: Readonly<Record<string, string>> = { truncate: 'trunc' }

function invalid(text: string, why: string): SluiceError {
  return new SluiceError('job-invalid', `partitionBy: ${text}: ${why}.`)
}

export interface BoundPartitionField {
  readonly id: number
  readonly name: string
  readonly sourceId: number
  readonly sourceType: string
  readonly transform: Transform
  /** Of the partition's values. */
  readonly type: string
}

/** A spec with the types that it has over a schema. Throws `target-not-writable` for transforms that are not known. */
export function bindSpec(spec: PartitionSpec, schemas: readonly IcebergSchema[]): readonly BoundPartitionField[] {
  return spec.fields.map((field) => {
    const { name, transform: text, 'field-id': id, 'source-id': sourceId } = field
    const transform = parseTransform(text)
    // A column may be gone from the current schema, and still be what old files are partitioned by.
    const source = schemas.flatMap(({ fields }) => fields).find((column) => column.id === sourceId)
    const sourceType = typeof source?.type === 'string' ? source.type : transform?.kind === 'void' ? 'int' : undefined
    const type = transform === undefined || sourceType === undefined ? undefined : resultType(transform, sourceType)
    if (transform === undefined || sourceType === undefined || type === undefined) {
      throw new SluiceError(
        'target-not-writable',
        `The table is partitioned by ${name} = ${text}, which is not supported.`,
      )
    }
    return { id, name, sourceId, sourceType, transform, type }
  })
}

/** The partition of a row. `value` gives the value of a column by its id. Fast enough for each row. */
export function partitionOf(
  fields: readonly BoundPartitionField[],
  value: (sourceId: number) => SingleValue | null,
): readonly (SingleValue | null)[] {
  return fields.map(({ transform, sourceType, sourceId }) => {
    const source = value(sourceId)
    return source === null ? null : applyTransform(transform, sourceType, source)
  })
}

export function encodeTuple(
  fields: readonly BoundPartitionField[],
  values: readonly (SingleValue | null)[],
): PartitionTuple {
  return fields.map(({ type }, index) => {
    const value = values[index] ?? null
    return value === null ? null : encodeValue(type, value).toString('base64')
  })
}

export function decodeTuple(
  fields: readonly BoundPartitionField[],
  tuple: PartitionTuple,
): readonly (SingleValue | null)[] {
  return fields.map(({ type }, index) => {
    const text = tuple[index] ?? null
    return text === null ? null : decodeValue(type, Buffer.from(text, 'base64'))
  })
}
