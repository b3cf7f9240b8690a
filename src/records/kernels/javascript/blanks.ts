const NARROW = new Set([32, 9])
const WIDE = new Set([0xe280a8, 0xe280a9, 0xe280af, 0xe2819f, 0xe281a0, 0xe38080, 0xefbbbf])

/** The address behind the blanks that the text begins with. */
export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  for (let length = blankAt(bytes, at, end); length > 0; length = blankAt(bytes, at, end)) at += length
  return at
}

/** The address before the blanks that the text ends with. */
export function dropBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = end
  for (;;) {
    const length = [1, 2, 3].find((n) => at - n >= start && blankAt(bytes, at - n, at) === n)
    if (length === undefined) return at
    at -= length
  }
}

/** How many bytes the blank takes that stands there: space, tab, no-break space, or what is wider; 0 if none does. */
function blankAt(bytes: Uint8Array, at: number, end: number): number {
  if (at < end && NARROW.has(bytes[at]!)) return 1
  if (at + 2 <= end && bytes[at] === 0xc2 && bytes[at + 1] === 0xa0) return 2
  if (at + 3 > end) return 0
  const code = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
  return (code & 0xfffff0) === 0xe28080 || WIDE.has(code) ? 3 : 0
}
