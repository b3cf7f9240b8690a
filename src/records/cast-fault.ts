import { type DataType, isSafeInteger } from './data-type.ts'
import { isBeyondNumbers, isNoDay } from './read-value.ts'

/** Why text is no value of a type, by the name that the user knows it by; with the fix where one is known. */
export function castFault(type: DataType, name: string, text: string): string {
  return `The value ${reason(type, text) ?? `is no ${name}`}.`
}

function reason(type: DataType, text: string): string | undefined {
  switch (type.kind) {
    case 'float64':
      return isBeyondNumbers(text) ? BEYOND_NUMBERS : undefined
    case 'int32':
      return INTEGER.test(text) ? 'is beyond 32 bits: cast it to int64' : undefined
    case 'int64':
      if (!INTEGER.test(text)) return undefined
      return isSafeInteger(type) ? BEYOND_NUMBERS : 'is beyond 64 bits: cast it to decimal(38,0)'
    case 'decimal':
      return DECIMAL.test(text) ? tooLong(type.precision, type.scale, text) : undefined
    case 'date':
      if (isNoDay(text)) return NO_DAY
      return /^\d{4}-\d{2}-\d{2}[T ]/.test(text) ? 'has a time: cast it to timestamptz' : undefined
    case 'timestamp':
      if (isNoDay(text)) return NO_DAY
      return /:\d.*(Z|[+-]\d{2}:\d{2})$/.test(text) ? 'has a zone: cast it to timestamptz' : tooFine(text)
    case 'timestamptz':
      return isNoDay(text) ? NO_DAY : tooFine(text)
    case 'time':
      return tooFine(text)
    default:
      return undefined
  }
}

function tooLong(precision: number, scale: number, text: string): string {
  const [, decimals = ''] = text.split('.')
  if (/[1-9]/.test(decimals.slice(scale))) return `has more than ${scale} decimals`
  const room = precision - scale
  return `has more than ${room} ${room === 1 ? 'digit' : 'digits'} before the point`
}

function tooFine(text: string): string | undefined {
  return /:\d{2}\.\d{6}\d*[1-9]/.test(text) ? 'is finer than a microsecond' : undefined
}

const BEYOND_NUMBERS = 'is beyond 2^53, where numbers leave some out: cast it to bigint'
const NO_DAY = 'is a day that its month does not have'
const INTEGER = /^[+-]?\d+$/
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)$/
