import { fieldOf, type ThriftStruct } from './thrift.ts'

/** What a footer says of the values of a column chunk. Bounds stand PLAIN, without a length. */
export interface Statistics {
  readonly nulls: number
  /** Of doubles only; they have no place in the bounds. */
  readonly nans?: number | undefined
  /** There is none when all values are null or NaN. */
  readonly bounds?: Bounds | undefined
}

export interface Bounds {
  readonly min: Uint8Array
  readonly max: Uint8Array
  /** False for a bound that was cut short. */
  readonly minIsExact: boolean
  readonly maxIsExact: boolean
}

/** As parquet.thrift has it: Statistics. The old fields 1 and 2 are left out: their order was never defined. */
export function statisticsStruct({ nulls, nans, bounds }: Statistics): ThriftStruct {
  return {
    field_3: BigInt(nulls),
    field_5: bounds?.max,
    field_6: bounds?.min,
    field_7: bounds?.maxIsExact,
    field_8: bounds?.minIsExact,
    field_9: nans === undefined ? undefined : BigInt(nans),
  }
}

export function statisticsOf(struct: ThriftStruct): Statistics {
  const min = fieldOf<Uint8Array | undefined>(struct, 6)
  const max = fieldOf<Uint8Array | undefined>(struct, 5)
  const nans = fieldOf<bigint | undefined>(struct, 9)
  const exact = { minIsExact: fieldOf(struct, 8) === true, maxIsExact: fieldOf(struct, 7) === true }
  return {
    nulls: Number(fieldOf<bigint>(struct, 3)),
    nans: nans === undefined ? undefined : Number(nans),
    bounds: min === undefined || max === undefined ? undefined : { min, max, ...exact },
  }
}
