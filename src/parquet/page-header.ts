import { encodeThrift } from './thrift.ts'

/** Numbers of parquet.thrift: Encoding. */
export const ENCODING = { plain: 0, rle: 3, dictionary: 8 } as const

export interface PageSizes {
  readonly uncompressed: number
  readonly compressed: number
}

/** Version 1, which every reader knows: levels and values are compressed as one. */
export function dataPageHeader(sizes: PageSizes, values: number, encoding: number): Buffer {
  return encodeThrift({
    field_1: DATA_PAGE,
    field_2: sizes.uncompressed,
    field_3: sizes.compressed,
    field_5: { field_1: values, field_2: encoding, field_3: ENCODING.rle, field_4: ENCODING.rle },
  })
}

export function dictionaryPageHeader(sizes: PageSizes, values: number): Buffer {
  return encodeThrift({
    field_1: DICTIONARY_PAGE,
    field_2: sizes.uncompressed,
    field_3: sizes.compressed,
    field_7: { field_1: values, field_2: ENCODING.plain },
  })
}

const DATA_PAGE = 0
const DICTIONARY_PAGE = 2
