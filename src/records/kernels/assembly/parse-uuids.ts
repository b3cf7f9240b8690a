// 32 hexadecimal digits in the order of their text; 8-4-4-4-12 with hyphens, each of which may be left out.
import { endOf, isEscaped, startOf } from './span'
import { clearValidity, hasText, setValid } from './validity'

const HYPHEN: u8 = 45
const BYTES = 16
/** The bytes in front of which a hyphen may stand: 4, 6, 8 and 10. */
const GROUPS: u32 = 0x550

/** The value of a hexadecimal digit; what is above 15 is none. Without branches, which nothing could predict. */
// @ts-ignore: decorator
@inline function nibbleAt(at: usize): u32 {
  const byte = <u32>load<u8>(at)
  const digit = byte - 48
  const letter = (byte | 32) - 97
  return select<u32>(digit, select<u32>(letter + 10, 16, letter <= 5), digit <= 9)
}

// @ts-ignore: decorator
@inline function parse(from: usize, end: usize, out: usize): bool {
  if (end - from < 32 || end - from > 36) return false
  for (let byte = 0; byte < BYTES; byte++) {
    if (((GROUPS >> byte) & 1) != 0 && load<u8>(from) == HYPHEN) from++
    const high = nibbleAt(from)
    const low = nibbleAt(from + 1)
    if ((high | low) > 15) return false
    store<u8>(out + byte, <u8>((high << 4) | low))
    from += 2
  }
  return from == end
}

export function parseUuids(
  spans: usize,
  stride: usize,
  rows: i32,
  live: usize,
  out: usize,
  validity: usize,
  slow: usize,
): void {
  clearValidity(validity, rows)
  let listed = slow + 4
  for (let row = 0; row < rows; row++, spans += stride, out += 16) {
    if (!hasText(spans, live, row)) continue
    if (!isEscaped(spans) && parse(startOf(spans), endOf(spans), out)) {
      setValid(validity, row)
    } else {
      store<i32>(listed, row)
      listed += 4
    }
  }
  store<u32>(slow, <u32>((listed - slow - 4) >> 2))
}
