import { unknownName } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'
import type { DataType } from '../../records/data-type.ts'
import { isBytes, valueType } from '../../records/types/types.ts'
import type { IcebergSchema } from './iceberg-schema.ts'
import { dataTypeOf, typeText } from './schema-mapping.ts'
import { compareValues, type SingleValue } from './single-value.ts'

/** A value as jobs write it: dates as `Date` or text, 64-bit integers as bigint, number or text. */
export type WhereValue = string | number | bigint | boolean | Date | Uint8Array

/** What a column must be: a value, null, or what holds of a range or list. Nothing but `null` finds nulls. */
export type WhereTest =
  | WhereValue
  | null
  | {
      readonly gt?: WhereValue
      readonly gte?: WhereValue
      readonly lt?: WhereValue
      readonly lte?: WhereValue
      readonly in?: readonly WhereValue[]
    }

/** Tests by column; all must hold. */
export type Where = Readonly<Record<string, WhereTest>>

/** The same on values as columns hold them. */
export interface Condition extends Limits<SingleValue> {
  readonly id: number
  readonly column: string
  readonly type: string
  readonly isNull: boolean
}

export interface Limits<L> {
  /** One of these, where given. */
  readonly among?: readonly L[] | undefined
  readonly lower?: Limit<L> | undefined
  readonly upper?: Limit<L> | undefined
}

export interface Limit<L = SingleValue> {
  readonly value: L
  readonly inclusive: boolean
}

/** Throws `unknown-column`, and `job-invalid` for values that the column cannot have. */
export function conditionsOf(where: Where, schema: IcebergSchema): readonly Condition[] {
  return Object.entries(where).map(([column, test]) => {
    const field = schema.fields.find(({ name }) => name === column)
    if (field === undefined) {
      const names = schema.fields.map(({ name }) => name)
      throw new SluiceError('unknown-column', `where: ${unknownName('column', column, names)}`)
    }
    const known = dataTypeOf(field.type)
    if (known === undefined) throw invalid(column, `is ${typeText(field.type)}, which cannot be compared`)
    const take = (value: WhereValue) => {
      if (value === null) throw invalid(column, 'has null within a test, which finds none: write null alone')
      return taken(value, known) ?? refuse(column, field.type as string)
    }
    const common = { id: field.id, column, type: field.type as string, isNull: test === null }
    if (test === null) return common
    if (!isTest(test)) return { ...common, among: [take(test)] }
    if (Array.isArray(test)) throw invalid(column, 'has a list; write { in: […] }')
    const { gt, gte, lt, lte, in: among, ...strange } = test
    const [name] = Object.keys(strange)
    if (name !== undefined) throw invalid(column, `has a test "${name}"; there are gt, gte, lt, lte and in`)
    if (among !== undefined && !Array.isArray(among)) throw invalid(column, 'has an `in` that is no list')
    return {
      ...common,
      among: among?.map(take),
      lower: limit(gt, gte, take, 1),
      upper: limit(lt, lte, take, -1),
    }
  })
}

/** Whether a value of the column passes. */
export function holds(condition: Condition, value: SingleValue | null): boolean {
  const { isNull, among } = condition
  if (value === null || isNull) return value === null && isNull
  if (Number.isNaN(value)) return among?.some((one) => Number.isNaN(one)) ?? false
  return lies(condition, (limit) => compareValues(value, limit))
}

/** Whether a value lies where it must, of which only the order to others is known: negative for one that comes before. */
export function lies<L>({ among, lower, upper }: Limits<L>, order: (limit: L) => number): boolean {
  if (among !== undefined && !among.some((one) => order(one) === 0)) return false
  return beyond(lower, order, 1) && beyond(upper, order, -1)
}

function beyond<L>(edge: Limit<L> | undefined, order: (limit: L) => number, direction: 1 | -1): boolean {
  if (edge === undefined) return true
  const side = order(edge.value) * direction
  return side > 0 || (side === 0 && edge.inclusive)
}

/** The narrower of both. */
function limit(
  open: WhereValue | undefined,
  closed: WhereValue | undefined,
  take: (value: WhereValue) => SingleValue,
  direction: 1 | -1,
): Limit | undefined {
  const [a, b] = [open, closed].map((value) => (value === undefined ? undefined : take(value)))
  if (a === undefined || b === undefined) {
    const value = a ?? b
    return value === undefined ? undefined : { value, inclusive: a === undefined }
  }
  return compareValues(a, b) * direction >= 0 ? { value: a, inclusive: false } : { value: b, inclusive: true }
}

function isTest(test: NonNullable<WhereTest>): test is Exclude<WhereTest, WhereValue | null> {
  return typeof test === 'object' && !(test instanceof Date) && !(test instanceof Uint8Array)
}

function taken(value: WhereValue, type: DataType): SingleValue | undefined {
  if (!isBytes(type)) return valueType(type).take(value as never)
  if (type.kind === 'string') return typeof value === 'string' ? value : undefined
  return value instanceof Uint8Array ? value : undefined
}

function refuse(column: string, type: string): never {
  throw invalid(column, `is ${type}, and is compared with what is no such value`)
}

function invalid(column: string, why: string): SluiceError {
  return new SluiceError('job-invalid', `where: ${column} ${why}.`)
}
