/** The kernels that fill pages of Parquet. All arguments are byte addresses or counts; see `Kernels`. */
export interface PageKernels {
  /**
   * Appends the cells of rows [from, rows) whose live byte is 1 to a page as PLAIN values: four bytes of length, then
   * the bytes, of doubled quotes one; and a bit a row that says whether there is one. `validity` has a bit a row; without
   * it (0) a cell of no bytes is null. Stops at a row for whose value the page has no room, and returns it; else `rows`.
   */
  packText(
    spans: number,
    stride: number,
    from: number,
    rows: number,
    live: number,
    validity: number,
    page: number,
  ): number
  /** The same for values of `width` bytes (at most 16), of which that of row r starts at `values + r * stride`. */
  packFixed(
    values: number,
    stride: number,
    width: number,
    from: number,
    rows: number,
    live: number,
    validity: number,
    page: number,
  ): number
  /** Makes a bit of each of `count` bytes, set unless it is 0, the lowest bit first. Returns the new end of `out`. */
  packBits(from: number, count: number, out: number): number
  /** Turns the bytes of each value around, where it stands. */
  reverseBytes(values: number, count: number, width: number): void
  /**
   * Looks PLAIN values up in a dictionary (see `DICTIONARY`), which gets those that are new, and writes the index of each, a
   * word. `width` is 0 for values that begin with their length. Stops where the dictionary has no room, or where too
   * many values share a hash, and returns how many it looked up. `values` may be the dictionary's own room.
   */
  internValues(values: number, count: number, width: number, dictionary: number, indices: number): number
  /** Writes words of at most `width` bits as runs and packed bits (Parquet's RLE). Returns the new end of `out`. */
  encodeIndices(indices: number, count: number, width: number, out: number): number
  /**
   * The addresses of the first smallest and the first largest of some PLAIN values, two words at `bounds`; 0 when there is
   * none. Text goes by its bytes.
   */
  findTextBounds(values: number, count: number, bounds: number): void
  /** Of numbers whose first byte counts most, with or without a sign. */
  findBytesBounds(values: number, count: number, width: number, signed: boolean, bounds: number): void
  findInt32Bounds(values: number, count: number, bounds: number): void
  findInt64Bounds(values: number, count: number, bounds: number): void
  /** Leaves NaN out, and returns how many there are. Zeros are equal whatever their sign. */
  findFloat64Bounds(values: number, count: number, bounds: number): number
}

/** Word offsets in a page that `packText` and `packFixed` fill. */
export const PAGE = {
  /** The address behind the last value. */
  out: 0,
  /** The address that no value may pass. */
  limit: 1,
  /** The address of the bits. */
  levels: 2,
  /** Rows so far. */
  level: 3,
  /** Values so far. */
  values: 4,
} as const

/** Word offsets in a dictionary of `internValues`. */
export const DICTIONARY = {
  /** Entries so far; they stand one behind another, PLAIN. */
  known: 0,
  /** The address behind the last one. */
  end: 1,
  /** So many entries at most. */
  most: 2,
  /** The address that no entry may pass. */
  limit: 3,
  /** The address of a hash table of words: the index of an entry plus 1, or 0. */
  table: 4,
  /** Its slots, a power of two, less 1. */
  mask: 5,
  /** The address of a word for each entry: where it starts. */
  places: 6,
  /** Where the value starts at which the last call stopped. */
  next: 7,
} as const
