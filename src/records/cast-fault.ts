import { type DataType, formatType, isSafeInteger, type TypeName } from './data-type.ts'
import { isBeyondNumbers, isNoDay } from './read-value.ts'

/** Why text is no value of a type; with the type that could hold it, where one is known. */
export interface CastFault {
  /** Follows "the value". */
  readonly what: string
  readonly instead?: CastName
}

/** As users name it in `cast`. */
type CastName = TypeName | 'bigint'

export function castFault(type: DataType, text: string, name: string = formatType(type)): CastFault {
  return faultOf(type, text) ?? { what: `is no ${name}` }
}

function faultOf(type: DataType, text: string): CastFault | undefined {
  switch (type.kind) {
    case 'float64':
      return isBeyondNumbers(text) ? BEYOND_NUMBERS : undefined
    case 'int32':
      return INTEGER.test(text) ? { what: 'is beyond 32 bits', instead: 'int64' } : undefined
    case 'int64':
      if (!INTEGER.test(text)) return undefined
      return isSafeInteger(type) ? BEYOND_NUMBERS : { what: 'is beyond 64 bits', instead: 'decimal(38,0)' }
    case 'decimal':
      return DECIMAL.test(text) ? { what: tooLong(type.precision, type.scale, text) } : undefined
    case 'date':
      if (/^\d{4}-\d{2}-\d{2}[T ]\d/.test(text)) return { what: 'has a time', instead: 'timestamptz' }
      return noDay(text)
    case 'timestamp':
      if (/:\d.*(Z|[+-]\d{2}:\d{2})$/.test(text)) return { what: 'has a zone', instead: 'timestamptz' }
      return noDay(text) ?? tooFine(text)
    case 'timestamptz':
      return noDay(text) ?? tooFine(text)
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

function noDay(text: string): CastFault | undefined {
  return isNoDay(text) ? { what: 'is a day that its month does not have' } : undefined
}

function tooFine(text: string): CastFault | undefined {
  return /:\d{2}\.\d{6}\d*[1-9]/.test(text) ? { what: 'is finer than a microsecond' } : undefined
}

const BEYOND_NUMBERS: CastFault = { what: 'is beyond 2^53, where numbers leave some out', instead: 'bigint' }
const INTEGER = /^[+-]?\d+$/
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)$/
