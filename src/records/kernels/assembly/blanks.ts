/** White space and invisible characters of three bytes: U+2000 to U+200F, U+2028, 2029, 202F, 205F, 2060, 3000, FEFF. */
function isWideBlank(at: usize): bool {
  const code = (<u32>load<u8>(at) << 16) | (<u32>load<u8>(at, 1) << 8) | <u32>load<u8>(at, 2)
  return (
    (code & 0xfffff0) == 0xe28080 ||
    code == 0xe280a8 ||
    code == 0xe280a9 ||
    code == 0xe280af ||
    code == 0xe2819f ||
    code == 0xe281a0 ||
    code == 0xe38080 ||
    code == 0xefbbbf
  )
}

// @ts-ignore: decorator
@inline function isNarrowBlank(byte: u8): bool {
  return byte == 32 || byte == 9
}

// @ts-ignore: decorator
@inline function isNoBreakSpace(at: usize): bool {
  return load<u8>(at) == 0xc2 && load<u8>(at, 1) == 0xa0
}

/** The address behind the blanks that the text begins with. */
export function skipBlanks(start: usize, end: usize): usize {
  while (start < end) {
    if (isNarrowBlank(load<u8>(start))) start++
    else if (load<u8>(start) < 0x80) return start
    else if (start + 2 <= end && isNoBreakSpace(start)) start += 2
    else if (start + 3 <= end && isWideBlank(start)) start += 3
    else return start
  }
  return start
}

/** The address before the blanks that the text ends with. */
export function dropBlanks(start: usize, end: usize): usize {
  while (start < end) {
    if (isNarrowBlank(load<u8>(end - 1))) end--
    else if (load<u8>(end - 1) < 0x80) return end
    else if (start + 2 <= end && isNoBreakSpace(end - 2)) end -= 2
    else if (start + 3 <= end && isWideBlank(end - 3)) end -= 3
    else return end
  }
  return end
}
