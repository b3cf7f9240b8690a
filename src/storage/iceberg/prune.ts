import type { Condition } from './condition.ts'
import type { TableFile } from './manifest-entry.ts'
import type { ManifestFile } from './manifest-list.ts'
import type { BoundPartitionField } from './partition-spec.ts'
import { compareValues, decodeValue, kindOf, type SingleValue } from './single-value.ts'
import { applyTransform, mayWrap } from './transform.ts'

/** What is known of some values together. An end that is not known is undefined. */
interface Range {
  readonly least?: SingleValue | undefined
  readonly greatest?: SingleValue | undefined
  /** False: there is none; undefined: nobody knows. */
  readonly hasNull?: boolean | undefined
  readonly hasValue?: boolean | undefined
}

/** False only when no row of the manifest can pass. */
export function manifestMayHold(
  { partitions }: ManifestFile,
  conditions: readonly Condition[],
  fields: readonly BoundPartitionField[],
): boolean {
  if (partitions === null) return true
  return fields.every((field, index) => {
    const summary = partitions[index]
    if (summary === undefined) return true
    const { lower, upper, containsNull, containsNan } = summary
    const range: Range = {
      least: leastOf(field, boundOf(field.type, lower)),
      greatest: boundOf(field.type, upper),
      hasNull: containsNull,
      // Without bounds all are null, unless some are NaN.
      hasValue: lower === null && containsNan === false ? false : undefined,
    }
    return projected(conditions, field).every((condition) => mayHold(condition, range))
  })
}

/** False only when no row of the file can pass. */
export function fileMayHold(
  file: TableFile,
  conditions: readonly Condition[],
  fields: readonly BoundPartitionField[],
): boolean {
  const inPartition = fields.every((field, index) => {
    if (field.transform.kind === 'void') return true
    const value = file.partition[index] ?? null
    const known = value === null || Number.isNaN(value) ? {} : { least: leastOf(field, value), greatest: value }
    const range = { ...known, hasNull: value === null, hasValue: value !== null }
    return projected(conditions, field).every((condition) => mayHold(condition, range))
  })
  return inPartition && conditions.every((condition) => mayHold(condition, rangeOf(file, condition)))
}

/** Undefined where it has not the length of such a value: nobody can tell what it means. */
function boundOf(type: string, bytes: Buffer | null | undefined): SingleValue | undefined {
  if (bytes === null || bytes === undefined) return undefined
  // Writers may cut text inside of a character: as bytes it keeps its place.
  if (kindOf(type) === 'string') return bytes
  if (bytes.length === 0 && kindOf(type) !== 'binary') return undefined
  try {
    return decodeValue(type, bytes)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function leastOf({ transform, type }: BoundPartitionField, value: SingleValue | undefined): SingleValue | undefined {
  if (value === undefined) return undefined
  return mayWrap(transform, type, value) ? undefined : value
}

function rangeOf(file: TableFile, { id, type }: Condition): Range {
  const nulls = file.nullCounts?.get(id)
  return {
    least: boundOf(type, file.lowerBounds?.get(id)),
    greatest: boundOf(type, file.upperBounds?.get(id)),
    hasNull: nulls === undefined ? undefined : nulls > 0n,
    hasValue: nulls === undefined ? undefined : nulls < file.records,
  }
}

/** What conditions on columns say of a partition's values. Buckets have no order. */
function projected(conditions: readonly Condition[], field: BoundPartitionField): readonly Condition[] {
  const { transform, sourceId, sourceType, type } = field
  if (transform.kind === 'void') return []
  const apply = (value: SingleValue) => applyTransform(transform, sourceType, value) as SingleValue
  return conditions
    .filter(({ id, type: known }) => id === sourceId && known === sourceType)
    .map((condition): Condition => {
      const { isNull, column, among, lower, upper } = condition
      const ordered = transform.kind !== 'bucket'
      const limit = (edge: Condition['lower']) => {
        if (edge === undefined || !ordered) return undefined
        const value = apply(edge.value)
        return mayWrap(transform, type, value) ? undefined : { value, inclusive: true }
      }
      return { id: sourceId, column, type, isNull, among: among?.map(apply), lower: limit(lower), upper: limit(upper) }
    })
}

function mayHold({ isNull, among, lower, upper }: Condition, { least, greatest, hasNull, hasValue }: Range): boolean {
  if (isNull) return hasNull !== false
  if (hasValue === false) return false
  const outside = (value: SingleValue) =>
    !Number.isNaN(value) &&
    ((least !== undefined && compareValues(value, least) < 0) ||
      (greatest !== undefined && compareValues(value, greatest) > 0))
  if (among?.every(outside)) return false
  if (lower !== undefined && greatest !== undefined) {
    const order = compareValues(greatest, lower.value)
    if (order < 0 || (order === 0 && !lower.inclusive)) return false
  }
  if (upper !== undefined && least !== undefined) {
    const order = compareValues(least, upper.value)
    if (order > 0 || (order === 0 && !upper.inclusive)) return false
  }
  return true
}
