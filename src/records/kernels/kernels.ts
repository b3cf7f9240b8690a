import type { PageKernels } from './page-kernels.ts'
import type { ParseKernels } from './parse-kernels.ts'

/**
 * The kernels: plain functions over linear memory. All arguments are byte addresses or counts. There are two
 * implementations with the same results: WebAssembly SIMD (`assembly/`, AssemblyScript) and plain JavaScript
 * (`javascript/`), which is the oracle of the tests and the fallback. One file per kernel, of one name in both.
 *
 * `spans, stride` name a column (see `span.ts`), `live` one byte a row; rows whose byte is 0 are skipped. Lists, spans
 * and other words stand at multiples of four.
 *
 * The two agree on all that is named here. What they leave undefined, and where they may differ: bytes and spans
 * behind the last one that counts (SIMD stores 16 bytes at a time), and `SCAN_NOT_ASCII`, which may be set by up to
 * 63 bytes behind `end`.
 */
export interface Kernels extends ParseKernels, PageKernels {
  /**
   * Finds the cells of an RFC 4180 text in [from, end): writes the spans of all complete records, one after
   * another, and describes them in `result` (see `SCAN`). Stops at the first 64 bytes (counted from `from`) with a
   * quote where the grammar allows none. `quote` is -1 when quoting is off. CR, LF and CRLF end a record.
   */
  scan(from: number, end: number, fields: number, result: number, delimiter: number, quote: number): void
  /**
   * Moves the records with exactly `columns` cells together at `into` (`into <= fields`) and describes the others
   * in `faults`: how many, cells read, then four words each: good records before it, first byte, end byte, cells
   * (0 when blank). Stops after `capacity` faults. Reads the bytes that end the cells. Returns good records.
   */
  alignRecords(fields: number, count: number, columns: number, into: number, faults: number, capacity: number): number
  /** 1 when every `columns`-th of the cells ends a record, `records` times; else 0. */
  isRectangular(fields: number, records: number, columns: number): number
  /** Lists in `out` (count first) the rows whose cell has exactly the bytes [text, text + length). */
  findCell(spans: number, stride: number, rows: number, text: number, length: number, out: number): void
  /** Sets `ESCAPED` on every quoted cell that holds a quote. */
  markEscaped(fields: number, count: number, quote: number): void
  /** The line ends (LF, CRLF, CR) in [from, end). */
  countLines(from: number, end: number): number
  /** The number of rows whose live byte is 1. */
  countLive(live: number, rows: number): number
  /** The number of rows whose live byte is not 0. */
  countFlowing(live: number, rows: number): number
  /** Lists in `out` (count first, then row indices) the rows whose cell is null. */
  findNulls(spans: number, stride: number, rows: number, live: number, out: number): void
  /**
   * Lists the rows whose cell is not certain to match: the automaton fails, or the cell is escaped or not ASCII.
   * Null cells are not listed. `table` is made by `compilePattern`:
   * - word 0: the number of states, at most 255; word 1: the start state; from byte 16 on one byte a state: 1 = accepts;
   * - from byte 272 on the next states: with up to 16 states `next[byte * 16 + state]`, which is one SIMD shuffle a
   *   byte, with more `next[state * 256 + byte]`. Byte 255 leads from each state to itself, so it may serve as padding.
   */
  findMismatches(spans: number, stride: number, rows: number, live: number, table: number, out: number): void
  /** `cleanEmail`: see `SpanKernel.run`; returns the arena's new end. */
  cleanEmail(
    spans: number,
    stride: number,
    rows: number,
    live: number,
    out: number,
    arena: number,
    slow: number,
  ): number
  /**
   * `standardizePhone` by the rules in `table`: see `SpanKernel.run`; returns the arena's new end. The table holds:
   * - of the default country: byte 0 the length of its prefix of international calls (0: none that is plain), then its
   *   digits; byte 4 the length of its calling code (0: no country), then its digits; byte 8 the national prefix or 0;
   *   bytes 16 and 36 the rules for national numbers without and with that prefix;
   * - from byte 64 on, for each three digits that an international number may start with, the number of its plan or 0;
   * - from byte 1064 on, for each set of 8 bytes (bit n: byte n) 8 bytes: the numbers of those in it, one after another;
   * - from byte 3112 on the plans, 24 bytes each, plan 0 unused: length of the calling code, 0, the rule.
   *
   * A rule is ten 16-bit masks, one for each first digit of the number behind all prefixes: bit n is set if n digits
   * are certain to be possible and to mean what they say.
   */
  standardizePhone(
    spans: number,
    stride: number,
    rows: number,
    live: number,
    out: number,
    arena: number,
    slow: number,
    table: number,
  ): number
  /**
   * Hashes one column into 16 bytes a row at `hashes`, keyed by `keys` (see `key-hash.ts`). With `chain` the
   * bytes at `hashes` are the hash of the columns before. `keyed` gets 0 for rows without a key (gone or null),
   * else the row's live byte; with `chain` it is what the columns before left, and 0 there skips the row. Lists
   * escaped cells in `slow`: their bytes are not their value.
   */
  hashCells(
    spans: number,
    stride: number,
    rows: number,
    live: number,
    keys: number,
    chain: number,
    hashes: number,
    keyed: number,
    slow: number,
  ): void
  /**
   * Appends the keys of rows [from, rows) to their partitions as 24-byte entries: hash, then id << 1 | holds.
   * Ids are `firstId + row`, or `firstId + ids[row]` when `ids` is not 0. Stops at a row whose partition is full and
   * returns it, else returns `rows`.
   */
  partitionKeys(
    hashes: number,
    keyed: number,
    from: number,
    rows: number,
    ids: number,
    firstId: number,
    counts: number,
    buffers: number,
    capacity: number,
    bits: number,
  ): number
  /**
   * Looks `count` entries, whose ids get `firstId` added, up in a hash table of 32-bit slots (`mask + 1` of them, a power of two) over `distinct`
   * entries. Pass 0 takes the holders: new keys join `distinct` (which keeps the smallest id), known ones are
   * duplicates. Pass 1 takes the others, all of which that are known are duplicates. Duplicates go to `found`,
   * 16 bytes each: id, then the index in `distinct`. Returns how many; `distinctCount` is a word, updated.
   */
  findDuplicates(
    entries: number,
    count: number,
    firstId: number,
    pass: number,
    table: number,
    mask: number,
    distinct: number,
    distinctCount: number,
    found: number,
  ): number
  /**
   * Copies the rows whose live byte is 1 as text: `segments` of four words each: address of the first span,
   * address of the last span, stride, byte that follows. A segment runs from its first to its last cell with all
   * that stands between them, quotes included. With `rowEnds` not 0 it also gets each row's end, relative to
   * `out`, one word a copied row. Returns the new end of `out`.
   */
  gather(segments: number, count: number, rows: number, live: number, out: number, rowEnds: number): number
  /**
   * Writes UTF-8 text as the inside of a JSON string, escaped as `JSON.stringify` does; up to 6 bytes a byte.
   * Returns the new end of `out`.
   */
  writeJsonText(from: number, end: number, out: number): number
  /**
   * Writes the cells of one row (`columns` spans from `cells` on) as JSON members: before each value the bytes that
   * `keys` names for it (pairs of words: address, length), nulls as `null`. Returns the new end of `out`.
   */
  writeJsonCells(cells: number, columns: number, keys: number, out: number): number
  /**
   * Writes the six pieces of text at `pieces` (pairs of words: address, length), and between them row, row, line, byte
   * offset and byte length: whole numbers up to 2^53, in decimal. Returns the new end of `out`.
   */
  writeLetterStart(
    pieces: number,
    row: number,
    line: number,
    byteOffset: number,
    byteLength: number,
    out: number,
  ): number
}

/** Word offsets in the result of `scan`. */
export const SCAN = {
  /** Cells written. */
  fields: 0,
  /** The address behind the last complete record and its line end. */
  consumed: 1,
  /** Complete records. */
  records: 2,
  /** Line ends in what was consumed, inside quotes too. */
  lines: 3,
  flags: 4,
} as const

export const SCAN_IRREGULAR = 1
export const SCAN_NOT_ASCII = 2
export const SCAN_ESCAPES = 4
