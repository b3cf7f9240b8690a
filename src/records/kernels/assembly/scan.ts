// Finds cells by 64 bytes a step: one bit a byte for each kind of byte that matters, then arithmetic on the bits.
const IRREGULAR: u32 = 1
const NOT_ASCII: u32 = 2
const ESCAPES: u32 = 4

/** One bit for each of 64 bytes that equals `x`. */
// @ts-ignore: decorator
@inline function bits(a: v128, b: v128, c: v128, d: v128, x: v128): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(i8x16.eq(a, x))) |
    (<u64>(<u32>i8x16.bitmask(i8x16.eq(b, x))) << 16) |
    (<u64>(<u32>i8x16.bitmask(i8x16.eq(c, x))) << 32) |
    (<u64>(<u32>i8x16.bitmask(i8x16.eq(d, x))) << 48)
  )
}

export function scan(from: usize, end: usize, fields: usize, result: usize, delimiter: i32, quote: i32): void {
  const D = i8x16.splat(<i8>delimiter)
  const Q = i8x16.splat(<i8>quote)
  const LF = i8x16.splat(10)
  const CR = i8x16.splat(13)
  const quoting: u64 = quote < 0 ? 0 : ~(<u64>0)

  let at = fields // where the next span goes
  let start = from // first byte of the open cell
  let carry: u64 = 0 // all ones while inside quotes
  let afterSeparator: u64 = 1 // bit 0: the byte before this block ended a cell
  let afterClose: u64 = 0 // bit 0: the byte before this block closed a quote
  let afterCr: u64 = 0 // bit 0: the byte before this block was CR
  let flags: u32 = 0
  let lines: u32 = 0
  let records: u32 = 0
  // As of the last complete record:
  let consumed = from
  let consumedFields = fields
  let consumedLines: u32 = 0

  for (let p = from; p < end; p += 64) {
    const a = v128.load(p)
    const b = v128.load(p, 16)
    const c = v128.load(p, 32)
    const d = v128.load(p, 48)
    const valid: u64 = end - p < 64 ? (<u64>1 << <u64>(end - p)) - 1 : ~(<u64>0)
    const q = bits(a, b, c, d, Q) & valid & quoting
    const cr = bits(a, b, c, d, CR) & valid
    // The LF of a CRLF ends nothing: its CR did.
    const lf = bits(a, b, c, d, LF) & valid & ~((cr << 1) | afterCr)
    const ends = cr | lf
    let cells = (bits(a, b, c, d, D) & valid) | ends
    let recordEnds = ends

    if ((q | carry | afterClose) != 0) {
      // Prefix xor: ones from each opening quote up to the byte before its closing one.
      let inside = q
      inside ^= inside << 1
      inside ^= inside << 2
      inside ^= inside << 4
      inside ^= inside << 8
      inside ^= inside << 16
      inside ^= inside << 32
      inside ^= carry
      cells &= ~inside
      recordEnds &= ~inside
      const opening = q & inside
      const behindClose = ((q & ~inside) << 1) | afterClose
      // An opening quote stands at the start of a cell or right behind a closing one (a doubled quote); behind a
      // closing quote stands the end of the cell or another quote. LF behind CR starts a record as well.
      const lfBehindCr = bits(a, b, c, d, LF) & ((cr << 1) | afterCr) & ~inside
      const mayOpen = ((cells | lfBehindCr) << 1) | afterSeparator | behindClose
      const wrong = (opening & ~mayOpen) | (behindClose & ~(cells | q) & valid)
      if (wrong != 0) {
        flags |= IRREGULAR
        break
      }
      if ((opening & behindClose) != 0) flags |= ESCAPES
      afterClose = (q & ~inside) >> 63
      carry = <u64>(<i64>inside >> 63)
    }
    if (v128.any_true(v128.and(v128.or(v128.or(a, b), v128.or(c, d)), i8x16.splat(<i8>0x80)))) flags |= NOT_ASCII

    if (recordEnds != 0) {
      const last: u64 = 63 - clz(recordEnds)
      const upTo: u64 = (<u64>2 << last) - 1 // wraps to all ones at bit 63
      consumed = p + <usize>last + 1
      consumedFields = at + ((<usize>popcnt(cells & upTo)) << 3)
      consumedLines = lines + <u32>popcnt(ends & upTo)
      records += <u32>popcnt(recordEnds)
    }
    lines += <u32>popcnt(ends)

    const crlf = cr != 0
    while (cells != 0) {
      const stop = p + <usize>ctz(cells)
      cells &= cells - 1
      const quoted = <u32>(<i32>load<u8>(start) == quote)
      store<u32>(at, <u32>start + quoted)
      store<u32>(at, (<u32>stop - quoted) | (quoted << 31), 4)
      at += 8
      start = stop + 1
      if (crlf && load<u8>(stop) == 13 && load<u8>(start) == 10) start++ // the LF of a CRLF
    }
    afterSeparator = <u64>(start >= p + 64)
    afterCr = cr >> 63
  }
  // The last record's line end may be CRLF.
  if (consumed > from && load<u8>(consumed - 1) == 13 && consumed < end && load<u8>(consumed) == 10) consumed++

  store<u32>(result, <u32>((consumedFields - fields) >> 3))
  store<u32>(result, <u32>consumed, 4)
  store<u32>(result, records, 8)
  store<u32>(result, consumedLines, 12)
  store<u32>(result, flags, 16)
}
