// Parquet's hybrid of run lengths and bit packing (Encodings.md: RLE), for indices of a dictionary.
const LONG: i32 = 16 // a run of so many pays

// @ts-ignore: decorator
@inline function at(indices: usize, index: i32): u32 {
  return load<u32>(indices + ((<usize>index) << 2))
}

// @ts-ignore: decorator
@inline function runAt(indices: usize, from: i32, count: i32, most: i32): i32 {
  const value = at(indices, from)
  const end = min(count, most == 0 ? count : from + most)
  let next = from + 1
  while (next < end && at(indices, next) == value) next++
  return next - from
}

function putVarint(value: u32, out: usize): usize {
  while (value >= 128) {
    store<u8>(out++, (value & 127) | 128)
    value >>= 7
  }
  store<u8>(out++, value)
  return out
}

function putRun(length: u32, value: u32, width: i32, out: usize): usize {
  out = putVarint(length << 1, out)
  for (let bits = 0; bits < width; bits += 8) {
    store<u8>(out++, value)
    value >>= 8
  }
  return out
}

function putPacked(indices: usize, from: i32, end: i32, count: i32, width: i32, out: usize): usize {
  out = putVarint(((<u32>(end - from) >> 3) << 1) | 1, out)
  let bits: u64 = 0
  let held: u64 = 0
  for (let index = from; index < end; index++) {
    bits |= <u64>(index < count ? at(indices, index) : 0) << held
    held += width
    while (held >= 8) {
      store<u8>(out++, <u8>bits)
      bits >>= 8
      held -= 8
    }
  }
  return out
}

export function encodeIndices(indices: usize, count: i32, width: i32, out: usize): usize {
  let from = 0
  while (from < count) {
    if (runAt(indices, from, count, LONG) == LONG) {
      const run = runAt(indices, from, count, 0)
      out = putRun(run, at(indices, from), width, out)
      from += run
      continue
    }
    let end = from + 8
    while (end < count && runAt(indices, end, count, LONG) < LONG) end += 8
    out = putPacked(indices, from, end, count, width, out)
    from = end
  }
  return out
}
