import type { DataType } from '../records/data-type.ts'
import { layoutOf, type PhysicalType } from './layout.ts'
import type { ThriftStruct } from './thrift.ts'

/** A column of a Parquet file. */
export interface ParquetField {
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
  /** By which Iceberg knows a column, whatever its name. */
  readonly fieldId?: number | undefined
}

/** The schema of a file: the root, then its columns (parquet.thrift: SchemaElement). */
export function schemaElements(fields: readonly ParquetField[]): readonly ThriftStruct[] {
  return [{ field_4: 'schema', field_5: fields.length }, ...fields.map(elementOf)]
}

function elementOf({ name, type, nullable, fieldId }: ParquetField): ThriftStruct {
  const { physical, width } = layoutOf(type)
  const { converted, logical } = annotationOf(type)
  return {
    field_1: PHYSICAL[physical],
    field_2: physical === 'FIXED_LEN_BYTE_ARRAY' ? width : undefined,
    field_3: nullable ? OPTIONAL : REQUIRED,
    field_4: name,
    field_6: converted,
    field_7: type.kind === 'decimal' ? type.scale : undefined,
    field_8: type.kind === 'decimal' ? type.precision : undefined,
    field_9: fieldId,
    field_10: logical,
  }
}

const REQUIRED = 0
const OPTIONAL = 1

/** Numbers of parquet.thrift: Type. */
export const PHYSICAL: Readonly<Record<PhysicalType, number>> = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
}

/** What the values mean: a ConvertedType for old readers, a LogicalType for those of today. */
interface Annotation {
  readonly converted?: number
  readonly logical?: ThriftStruct
}

function annotationOf(type: DataType): Annotation {
  switch (type.kind) {
    case 'string':
      return { converted: 0, logical: { field_1: {} } }
    case 'decimal':
      return { converted: 5, logical: { field_5: { field_1: type.scale, field_2: type.precision } } }
    case 'date':
      return { converted: 6, logical: { field_6: {} } }
    // Old readers would take times without a zone for UTC, so they get no ConvertedType.
    case 'time':
      return { logical: { field_7: inMicroseconds(false) } }
    case 'timestamp':
      return { logical: { field_8: inMicroseconds(false) } }
    case 'timestamptz':
      return { converted: 10, logical: { field_8: inMicroseconds(true) } }
    case 'uuid':
      return { logical: { field_14: {} } }
    default:
      return {}
  }
}

function inMicroseconds(isAdjustedToUtc: boolean): ThriftStruct {
  return { field_1: isAdjustedToUtc, field_2: { field_2: {} } }
}
