import { unpackerOf } from './read-codecs.ts'
import { BIT_PACKED, PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY, readValues } from './read-encodings.ts'
import type { PageHeader } from './read-page-header.ts'
import type { PackedPage } from './read-pages.ts'
import { Runs } from './read-runs.ts'
import type { ParquetField } from './read-schema.ts'
import { fixedValues, type Values, viewOf } from './read-values.ts'

/** What its pages have in common. */
export interface ChunkForm {
  readonly field: ParquetField
  readonly codec: number
}

/** The distinct values of a chunk, which come before all others. */
export function readDictionary({ header, bytes }: PackedPage, { field, codec }: ChunkForm): Values {
  const form = field.form as NonNullable<ParquetField['form']>
  const plain = unpack(bytes, codec, header.plainBytes)
  return form.convert(readValues(PLAIN, plain, 0, header.values, form))
}

/** Some rows of a page: their values, where in `values` they are, and which rows have none. */
export interface Slice {
  readonly rows: number
  readonly values: Values
  /** One byte a row, 1 for a value and 0 for null; undefined when no row is null. */
  readonly valid: Uint8Array | undefined
  /** One a value; undefined when they are the values from `first` on. */
  readonly places: Uint32Array | undefined
  readonly first: number
  /** Rows that are not null. */
  readonly count: number
}

/** A page of data, of which nothing but what all rows share is decoded before it is read. */
export class Page {
  /** Rows that were not read. */
  rows: number
  readonly plainBytes: number
  readonly #values: Values
  readonly #levels: Runs | undefined
  readonly #places: Runs | undefined
  #first = 0

  constructor({ header, bytes }: PackedPage, { field, codec }: ChunkForm, dictionary: Values | undefined) {
    const { levels, data, at } = sectionsOf(header, bytes, codec, field.nullable)
    this.rows = header.values
    this.plainBytes = header.plainBytes
    this.#levels = levels?.()
    const count = levels === undefined ? header.values : countOnes(levels(), header.values)
    const { values, places } = contentOf(header, data, at, count, field, dictionary)
    this.#values = values
    this.#places = places
  }

  /** The next rows, at most as many as are left. */
  read(rows: number): Slice {
    const [values, first] = [this.#values, this.#first]
    let valid: Uint8Array | undefined
    let count = rows
    if (this.#levels !== undefined) {
      valid = new Uint8Array(rows)
      this.#levels.read(valid)
      count = ones(valid, rows)
      if (count === rows) valid = undefined
    }
    const places = this.#places === undefined ? undefined : new Uint32Array(count)
    if (places !== undefined) this.#places?.read(places)
    if (places?.some((place) => place >= values.count)) throw new RangeError('a value that is not in the dictionary')
    this.rows -= rows
    this.#first += count
    return { rows, values, valid, places, first, count }
  }
}

/** The first `rows` of a slice, and the rest. */
export function splitSlice(slice: Slice, rows: number): readonly [Slice, Slice] {
  const { values, valid, places, first } = slice
  const count = valid === undefined ? rows : ones(valid, rows)
  return [
    { rows, values, valid: valid?.subarray(0, rows), places: places?.subarray(0, count), first, count },
    {
      rows: slice.rows - rows,
      values,
      valid: valid?.subarray(rows),
      places: places?.subarray(count),
      first: first + count,
      count: slice.count - count,
    },
  ]
}

interface Sections {
  /** Makes a reader of what is null; undefined when no row can be. */
  readonly levels: (() => Runs) | undefined
  /** The values lie from `at` on. */
  readonly data: Uint8Array
  readonly at: number
}

function sectionsOf(header: PageHeader, bytes: Uint8Array, codec: number, nullable: boolean): Sections {
  const { levels: v2, plainBytes } = header
  if (v2 !== undefined) {
    const before = v2.repetition + v2.definition
    const packed = bytes.subarray(before)
    const data = v2.packed && packed.length > 0 ? unpack(packed, codec, plainBytes - before) : packed
    const levels = () => new Runs(bytes, v2.repetition, before, 1)
    return { levels: nullable ? levels : undefined, data, at: 0 }
  }
  const data = unpack(bytes, codec, plainBytes)
  if (!nullable) return { levels: undefined, data, at: 0 }
  if (header.levelEncoding === BIT_PACKED) throw new RangeError('nulls in an encoding that was given up in 2013')
  const at = 4 + viewOf(data).getUint32(0, true)
  return { levels: () => new Runs(data, 4, at, 1), data, at }
}

function contentOf(
  { encoding, values: rows }: PageHeader,
  data: Uint8Array,
  at: number,
  count: number,
  field: ParquetField,
  dictionary: Values | undefined,
): { readonly values: Values; readonly places: Runs | undefined } {
  const form = field.form as NonNullable<ParquetField['form']>
  if (form.physical === 'BOOLEAN') {
    if (encoding === PLAIN) return { values: BOOLEANS, places: Runs.packed(data, at, count, 1) }
    if (encoding !== RLE) throw new RangeError(`booleans in encoding ${encoding}`)
    const length = count === 0 ? 0 : viewOf(data).getUint32(at, true)
    return { values: BOOLEANS, places: count === 0 ? undefined : new Runs(data, at + 4, at + 4 + length, 1) }
  }
  if (encoding !== PLAIN_DICTIONARY && encoding !== RLE_DICTIONARY) {
    return { values: form.convert(readValues(encoding, data, at, count, form)), places: undefined }
  }
  if (dictionary === undefined && count > 0) throw new RangeError(`${rows} rows of a dictionary that is not there`)
  if (count === 0) return { values: dictionary ?? BOOLEANS, places: undefined }
  const width = data[at]
  if (width === undefined) throw new RangeError('places in a dictionary without their width')
  return { values: dictionary as Values, places: new Runs(data, at + 1, data.length, width) }
}

function unpack(bytes: Uint8Array, codec: number, plainBytes: number): Uint8Array {
  const plain = unpackerOf(codec)?.(bytes, plainBytes)
  if (plain === undefined) throw new TypeError(`the compression ${codec} is not known`)
  if (plain.length !== plainBytes) throw new RangeError(`a page of ${plain.length} bytes in place of ${plainBytes}`)
  return plain
}

/** Read a piece at a time: a page may say that it has any number of rows. */
function countOnes(levels: Runs, rows: number): number {
  const piece = new Uint8Array(Math.min(rows, PIECE))
  let sum = 0
  for (let at = 0; at < rows; at += PIECE) {
    const part = piece.subarray(0, Math.min(PIECE, rows - at))
    levels.read(part)
    sum += ones(part, part.length)
  }
  return sum
}

function ones(bytes: Uint8Array, end: number): number {
  let sum = 0
  for (let index = 0; index < end; index++) sum += bytes[index] as number
  return sum
}

const BOOLEANS = fixedValues(Uint8Array.of(0, 1), 1)
const PIECE = 1 << 13
