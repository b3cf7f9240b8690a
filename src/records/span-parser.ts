import { type DataType, isSafeInteger } from './data-type.ts'
import type { Kernels } from './kernels/kernels.ts'

/** Runs the kernel that reads spans as values of one type. */
export type SpanParser = (kernels: Kernels, ...call: ParseCall) => void

type ParseCall = readonly [
  spans: number,
  stride: number,
  rows: number,
  live: number,
  out: number,
  validity: number,
  slow: number,
]

/** Undefined for a type that no kernel reads. */
export function spanParser(type: DataType): SpanParser | undefined {
  switch (type.kind) {
    case 'boolean':
      return (kernels, ...call) => kernels.parseBooleans(...call)
    case 'int32':
      return (kernels, ...call) => kernels.parseIntegers(...call, 4, 10)
    case 'int64':
      return (kernels, ...call) => kernels.parseIntegers(...call, 8, isSafeInteger(type) ? SURELY_SAFE : SURELY_64)
    case 'decimal': {
      const { precision, scale } = type
      return (kernels, ...call) =>
        kernels.parseDecimals(...call, precision <= SURELY_64 ? 8 : 16, Math.min(precision, SURELY_64), scale)
    }
    case 'float64':
      return (kernels, ...call) => kernels.parseFloats(...call)
    case 'date':
      return (kernels, ...call) => kernels.parseDates(...call)
    case 'time':
      return (kernels, ...call) => kernels.parseTimes(...call)
    case 'uuid':
      return (kernels, ...call) => kernels.parseUuids(...call)
    case 'timestamp':
      return (kernels, ...call) => kernels.parseTimestamps(...call, 0)
    case 'timestamptz':
      return (kernels, ...call) => kernels.parseTimestamps(...call, 1)
    default:
      return undefined
  }
}

/** So many digits are below 2^53, and so many below 2^63. */
const SURELY_SAFE = 15
const SURELY_64 = 18
