/** Digits are written from the last to the first. */
function writeDecimal(value: u64, out: usize): usize {
  let length: usize = 1
  for (let rest = value; rest >= 10; rest /= 10) length++
  let at = out + length
  do {
    store<u8>(--at, 48 + <u8>(value % 10))
    value /= 10
  } while (at > out)
  return out + length
}

// @ts-ignore: decorator
@inline function writePiece(piece: usize, out: usize): usize {
  const length = <usize>load<u32>(piece, 4)
  memory.copy(out, <usize>load<u32>(piece), length)
  return out + length
}

export function writeLetterStart(
  pieces: usize,
  row: f64,
  line: f64,
  byteOffset: f64,
  byteLength: f64,
  out: usize,
): usize {
  out = writeDecimal(<u64>row, writePiece(pieces, out))
  out = writeDecimal(<u64>row, writePiece(pieces + 8, out))
  out = writeDecimal(<u64>line, writePiece(pieces + 16, out))
  out = writeDecimal(<u64>byteOffset, writePiece(pieces + 24, out))
  out = writeDecimal(<u64>byteLength, writePiece(pieces + 32, out))
  return writePiece(pieces + 40, out)
}
