import { formatType } from '../../records/data-type.ts'
import { valueType } from '../../records/types/types.ts'
import type { BoundPartitionField } from './partition-spec.ts'
import { dataTypeOf } from './schema-mapping.ts'
import { kindOf, type SingleValue } from './single-value.ts'

/**
 * The folder of a partition, such as `ts_day=2017-11-16/region=EU`, for people: readers go by the manifests. Empty for
 * a table without partitions.
 */
export function partitionPath(fields: readonly BoundPartitionField[], values: readonly (SingleValue | null)[]): string {
  return fields
    .map((field, index) => `${escaped(field.name)}=${escaped(partitionText(field, values[index] ?? null))}`)
    .join('/')
}

/** A value as Iceberg shows it: `2017-11` for a month, `2017-11-16-22` for an hour. */
export function partitionText({ transform, type }: BoundPartitionField, value: SingleValue | null): string {
  if (value === null) return 'null'
  switch (transform.kind) {
    case 'year':
      return yearText(1970 + Number(value))
    case 'month': {
      const months = Number(value)
      return `${yearText(1970 + Math.floor(months / 12))}-${two((((months % 12) + 12) % 12) + 1)}`
    }
    case 'hour': {
      const hours = Number(value)
      return `${dayText(Math.floor(hours / 24))}-${two(((hours % 24) + 24) % 24)}`
    }
    case 'day':
      return dayText(Number(value))
    case 'bucket':
      return String(value)
    default:
      return plainText(type, value)
  }
}

function plainText(type: string, value: SingleValue): string {
  const kind = kindOf(type)
  if (kind === 'string') return typeof value === 'string' ? value : Buffer.from(value as Uint8Array).toString()
  if (kind === 'binary' || kind === 'fixed') return Buffer.from(value as Uint8Array).toString('base64')
  const known = dataTypeOf(type)
  if (known === undefined) throw new TypeError(`${type} has no text`)
  return formatType(known) === 'date' ? dayText(Number(value)) : valueType(known).text(value as number)
}

function dayText(day: number): string {
  const date = new Date(day * 86_400_000)
  return `${yearText(date.getUTCFullYear())}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`
}

function yearText(year: number): string {
  return year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0')
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

/** No name of a folder may end a path, or look hidden to those who list it. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/^[._]/, (first) => `%${first.charCodeAt(0).toString(16).toUpperCase()}`)
}
