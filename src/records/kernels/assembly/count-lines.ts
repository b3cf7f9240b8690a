export function countLines(from: usize, end: usize): i32 {
  let lines = 0
  for (let p = from; p < end; p++) {
    const byte = load<u8>(p)
    if (byte == 13) lines++
    else if (byte == 10 && (p == from || load<u8>(p - 1) != 13)) lines++
  }
  return lines
}
