import type { DataType } from '../records/data-type.ts'
import { isBytes, valueType } from '../records/types/types.ts'

/** How values of a type lie in a PLAIN page of Parquet. */
export interface Layout {
  readonly physical: PhysicalType
  /** Bytes of a value; 0 for those that begin with their length. Booleans take a byte until their page is written. */
  readonly width: number
  /** Bytes of a value in a column in memory. */
  readonly stride: number
  /** The byte that counts most comes first. */
  readonly bigEndian: boolean
  readonly order: 'text' | 'boolean' | 'int32' | 'int64' | 'float64' | 'signed' | 'uuid'
}

export type PhysicalType = 'BOOLEAN' | 'INT32' | 'INT64' | 'DOUBLE' | 'BYTE_ARRAY' | 'FIXED_LEN_BYTE_ARRAY'

export function layoutOf(type: DataType): Layout {
  if (isBytes(type)) return { physical: 'BYTE_ARRAY', width: 0, stride: 0, bigEndian: false, order: 'text' }
  const common = { stride: valueType(type).bytes, bigEndian: false }
  switch (type.kind) {
    case 'boolean':
      return { ...common, physical: 'BOOLEAN', width: 1, order: 'boolean' }
    case 'int32':
    case 'date':
      return { ...common, ...INT32 }
    case 'float64':
      return { ...common, physical: 'DOUBLE', width: 8, order: 'float64' }
    case 'uuid':
      return { ...common, physical: 'FIXED_LEN_BYTE_ARRAY', width: 16, order: 'uuid' }
    case 'decimal':
      // The lower half of a small decimal is the whole of it.
      return { ...common, ...decimalLayout(type.precision) }
    default:
      return { ...common, ...INT64 }
  }
}

const INT32 = { physical: 'INT32', width: 4, order: 'int32' } as const
const INT64 = { physical: 'INT64', width: 8, order: 'int64' } as const

/** The smallest that holds all digits: Iceberg demands it (Appendix A, Parquet). */
function decimalLayout(precision: number): Pick<Layout, 'physical' | 'width' | 'order'> & Partial<Layout> {
  if (precision <= 9) return INT32
  if (precision <= 18) return INT64
  const bits = (10n ** BigInt(precision)).toString(2).length + 1
  return { physical: 'FIXED_LEN_BYTE_ARRAY', width: Math.ceil(bits / 8), bigEndian: true, order: 'signed' }
}
