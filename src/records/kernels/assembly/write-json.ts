// Text as JSON.stringify writes it (ECMA-262, QuoteJSONString); UTF-8 passes as it is.
import { ADDRESS, ESCAPED } from './span'

const QUOTE: u8 = 34
const BACKSLASH: u8 = 92

/** Writes one byte, escaped if it must be. */
// @ts-ignore: decorator
@inline function put(byte: u8, out: usize): usize {
  if (byte == QUOTE || byte == BACKSLASH) {
    store<u8>(out, BACKSLASH)
    store<u8>(out, byte, 1)
    return out + 2
  }
  if (byte >= 32) {
    store<u8>(out, byte)
    return out + 1
  }
  return putControl(byte, out)
}

function putControl(byte: u8, out: usize): usize {
  let short: u8 = 0
  if (byte == 8) short = 98 // \b
  else if (byte == 9) short = 116 // \t
  else if (byte == 10) short = 110 // \n
  else if (byte == 12) short = 102 // \f
  else if (byte == 13) short = 114 // \r
  store<u8>(out, BACKSLASH)
  if (short != 0) {
    store<u8>(out, short, 1)
    return out + 2
  }
  store<u32>(out, 0x30303075, 1) // u000
  store<u8>(out, 48 + (byte >> 4), 4)
  const low = byte & 15
  store<u8>(out, low < 10 ? 48 + low : 87 + low, 5)
  return out + 6
}

export function writeJsonText(from: usize, end: usize, out: usize): usize {
  const Q = i8x16.splat(QUOTE)
  const B = i8x16.splat(BACKSLASH)
  const SPACE = i8x16.splat(32)
  while (from < end) {
    const text = v128.load(from)
    v128.store(out, text)
    const special = v128.or(v128.or(i8x16.eq(text, Q), i8x16.eq(text, B)), i8x16.lt_u(text, SPACE))
    let plain = ctz(i8x16.bitmask(special) | 0x10000)
    const left = <i32>(end - from)
    if (plain >= left) return out + left
    out += plain
    from += plain
    if (plain < 16) out = put(load<u8>(from++), out)
  }
  return out
}

/** Without the doubling of quotes. */
function writeUnescaped(from: usize, end: usize, quote: u8, out: usize): usize {
  while (from < end) {
    const byte = load<u8>(from++)
    if (byte == quote) from++
    out = put(byte, out)
  }
  return out
}

export function writeJsonCells(cells: usize, columns: i32, keys: usize, out: usize): usize {
  for (let column = 0; column < columns; column++, cells += 8, keys += 8) {
    const length = <usize>load<u32>(keys, 4)
    memory.copy(out, <usize>load<u32>(keys), length)
    out += length
    const start = <usize>load<u32>(cells)
    const end = <usize>(load<u32>(cells, 4) & ADDRESS)
    if (start == end) {
      store<u32>(out, 0x6c6c756e) // null
      out += 4
      continue
    }
    store<u8>(out++, QUOTE)
    if ((load<u32>(cells, 4) & ESCAPED) != 0) out = writeUnescaped(start, end, load<u8>(start - 1), out)
    else out = writeJsonText(start, end, out)
    store<u8>(out++, QUOTE)
  }
  return out
}
